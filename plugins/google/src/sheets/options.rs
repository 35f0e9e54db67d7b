//! The choices of the config's fields, as the account has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use super::range::Spreadsheet;
use crate::api::{drive, or_no_choices, sheets, written};

/// The spreadsheets that the access goes to, the last changed first: <https://developers.google.com/workspace/drive/api/reference/rest/v3/files/list>.
pub(super) struct Spreadsheets;

#[derive(Rest)]
#[rest(get = "/files", api = drive(), output = Value, query("fields", "nextPageToken,files(id,name,owners(emailAddress))"),
       query("orderBy", "modifiedTime desc"), query("pageSize", "100"), query("supportsAllDrives", "true"),
       query("includeItemsFromAllDrives", "true"))]
struct Files {
    q: String,
    #[field(query = "pageToken")]
    cursor: Option<String>,
}

impl OptionSource for Spreadsheets {
    const NAME: &'static str = "spreadsheets";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let mut q =
            "mimeType='application/vnd.google-apps.spreadsheet' and trashed=false".to_owned();
        if let Some(search) = query.search.filter(|search| !search.trim().is_empty()) {
            let search = search.trim().replace('\\', r"\\").replace('\'', r"\'");
            q.push_str(&format!(" and name contains '{search}'"));
        }
        let files = Files {
            q,
            cursor: query.cursor,
        };
        or_no_choices(files.call(&context).await.map(|list| {
            let files = list["files"].as_array().into_iter().flatten();
            let choice = |file: &Value| {
                Some(OptionChoice {
                    value: file["id"].as_str()?.into(),
                    label: file["name"].as_str()?.to_owned(),
                    description: file["owners"][0]["emailAddress"]
                        .as_str()
                        .map(str::to_owned),
                })
            };
            Options {
                options: files.filter_map(choice).collect(),
                cursor: list["nextPageToken"].as_str().map(str::to_owned),
            }
        }))
    }
}

/// The tabs of the spreadsheet that was chosen before.
pub(super) struct Tabs;

#[derive(Rest)]
#[rest(get = "/spreadsheets/{spreadsheet}", api = sheets(), output = Value, query("fields", "sheets.properties"))]
struct Look {
    spreadsheet: Spreadsheet,
}

impl OptionSource for Tabs {
    const NAME: &'static str = "tabs";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let Some(spreadsheet) = written(&config, "spreadsheet") else {
            return Ok(Options::default());
        };
        let look = Look {
            spreadsheet: Spreadsheet::read(spreadsheet),
        };
        let found = look.call(&context).await?;
        let search = query.search.unwrap_or_default().to_lowercase();
        let titles = found["sheets"].as_array().into_iter().flatten();
        let titles = titles.filter_map(|tab| tab["properties"]["title"].as_str());
        let options = titles
            .filter(|title| title.to_lowercase().contains(&search))
            .map(|title| OptionChoice {
                value: title.into(),
                label: title.to_owned(),
                description: None,
            });
        Ok(Options {
            options: options.collect(),
            cursor: None,
        })
    }
}
