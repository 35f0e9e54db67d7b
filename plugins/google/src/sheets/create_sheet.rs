//! <https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/create> and
//! <https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate>

use jackfield_plugin_sdk::prelude::*;

use super::range::Spreadsheet;
use crate::api::sheets;

/// Makes a spreadsheet, or a tab of one.
#[derive(Config)]
pub(super) struct CreateSheet {
    /// The spreadsheet that gets a tab, by its id or its address. A new spreadsheet is made unless given.
    #[field(
        options = "spreadsheets",
        placeholder = "https://docs.google.com/spreadsheets/d/…"
    )]
    spreadsheet: Option<Spreadsheet>,
    /// What the spreadsheet or the tab is called.
    #[field(min_length = 1, placeholder = "Revenue 2026")]
    title: String,
    /// What the columns are called.
    #[field(default, example = json!(["Day", "Booking", "Amount"]))]
    headers: Vec<String>,
    /// What the first tab of a new spreadsheet is called.
    #[field(advanced, label = "Sheet name", placeholder = "Sheet1")]
    sheet: Option<String>,
    /// The language of a new spreadsheet, such as `de_DE`.
    #[field(advanced)]
    locale: Option<String>,
    /// The time zone of a new spreadsheet, such as `Europe/Berlin`.
    #[field(advanced)]
    time_zone: Option<String>,
}

/// What was made.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    /// The spreadsheet's id.
    spreadsheet_id: String,
    /// Its page.
    spreadsheet_url: String,
    /// The number of the tab, as it stands behind `gid=` in the address.
    sheet_id: u64,
    /// What the tab is called.
    sheet: String,
}

#[derive(Rest)]
#[rest(post = "/spreadsheets", api = sheets(), output = Made)]
struct Create {
    properties: Value,
    sheets: Value,
}

#[derive(Rest)]
#[rest(post = "/spreadsheets/{spreadsheet}:batchUpdate", api = sheets(), output = Value)]
struct Batch {
    spreadsheet: Spreadsheet,
    requests: Value,
    #[field(body = "includeSpreadsheetInResponse")]
    include: bool,
}

#[derive(Rest)]
#[rest(get = "/spreadsheets/{spreadsheet}", api = sheets(), output = Made, query("fields", FIELDS))]
struct Look {
    spreadsheet: Spreadsheet,
}

const FIELDS: &str = "spreadsheetId,spreadsheetUrl,sheets.properties(sheetId,title)";

/// A spreadsheet with its tabs.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Made {
    spreadsheet_id: String,
    spreadsheet_url: String,
    sheets: Vec<Tab>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Tab {
    properties: Properties,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Properties {
    sheet_id: u64,
    title: String,
}

impl Operation for CreateSheet {
    const NAME: &'static str = "create_sheet";
    type Output = Created;

    async fn run(mut self, context: Context) -> Result<Created> {
        match self.spreadsheet.take() {
            Some(spreadsheet) => self.tab(&context, spreadsheet).await,
            None => self.file(&context).await,
        }
    }
}

impl CreateSheet {
    async fn file(self, context: &Context) -> Result<Created> {
        let mut tab = json!({});
        if let Some(title) = &self.sheet {
            tab["properties"] = json!({"title": title});
        }
        if let Some(row) = row(&self.headers) {
            tab["data"] = json!([{"rowData": [row]}]);
        }
        let mut properties = json!({"title": self.title});
        for (name, value) in [("locale", self.locale), ("timeZone", self.time_zone)] {
            if let Some(value) = value {
                properties[name] = value.into();
            }
        }
        let create = Create {
            properties,
            sheets: if tab == json!({}) {
                Value::Null
            } else {
                json!([tab])
            },
        };
        let made = create.call(context).await?;
        made.tab(|_| true)
    }

    /// The tab gets a number that is made of the step's key: whoever asks twice gets one tab.
    async fn tab(self, context: &Context, spreadsheet: Spreadsheet) -> Result<Created> {
        let id = number_of(&context.effect_key(Self::NAME));
        let properties = json!({"sheetId": id, "title": self.title});
        let mut requests = vec![json!({"addSheet": {"properties": properties}})];
        if let Some(row) = row(&self.headers) {
            let start = json!({"sheetId": id, "rowIndex": 0, "columnIndex": 0});
            let cells = json!({"start": start, "rows": [row], "fields": "userEnteredValue"});
            requests.push(json!({"updateCells": cells}));
        }
        let batch = Batch {
            spreadsheet: spreadsheet.clone(),
            requests: requests.into(),
            include: false,
        };
        let request = batch.request(context)?.repeatable();
        let added = sheets().send(request).await;
        if added.as_ref().is_err_and(|error| error.retryable) {
            return Err(added.err().unwrap_or_else(unknown));
        }
        let made = Look { spreadsheet }.call(context).await;
        match (added, made) {
            (Err(error), made) => made
                .and_then(|made| made.tab(|tab| tab.sheet_id == id))
                .map_err(|_| error),
            (Ok(_), made) => made?.tab(|tab| tab.sheet_id == id),
        }
    }
}

impl Made {
    fn tab(self, is_it: impl Fn(&Properties) -> bool) -> Result<Created> {
        let mut tabs = self.sheets.into_iter().map(|tab| tab.properties);
        let tab = tabs.find(is_it).ok_or_else(unknown)?;
        Ok(Created {
            spreadsheet_id: self.spreadsheet_id,
            spreadsheet_url: self.spreadsheet_url,
            sheet_id: tab.sheet_id,
            sheet: tab.title,
        })
    }
}

fn unknown() -> Error {
    Error::new(
        jackfield_plugin_sdk::code::UNEXPECTED_RESPONSE,
        "The spreadsheet does not have the new tab.",
    )
}

/// A row of texts that are no formulas.
fn row(headers: &[String]) -> Option<Value> {
    let cell = |header: &String| json!({"userEnteredValue": {"stringValue": header}});
    let cells: Vec<Value> = headers.iter().map(cell).collect();
    (!cells.is_empty()).then(|| json!({"values": cells}))
}

/// FNV-1a, in the 31 bits that a tab's number has.
pub(super) fn number_of(key: &str) -> u64 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) & 0x7fff_ffff
}
