//! The choices of the config's fields, as the account has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use crate::api::api;

/// The dynamic templates: <https://www.twilio.com/docs/sendgrid/api-reference/transactional-templates>.
pub(super) struct Templates;

#[derive(Deserialize)]
struct List {
    result: Vec<Template>,
    #[serde(rename = "_metadata", default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Template {
    id: String,
    name: String,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    active: Option<u8>,
    subject: Option<String>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    next: Option<String>,
}

impl OptionSource for Templates {
    const NAME: &'static str = "templates";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let request = api().request(&context, "GET", "/v3/templates")?;
        let request = request
            .query("generations", "dynamic")
            .query("page_size", "100");
        let request = match &query.cursor {
            Some(cursor) => request.query("page_token", cursor),
            None => request,
        };
        let list: List = read(api().send(request).await?)?;
        let search = query.search.unwrap_or_default().to_lowercase();
        let found = list.result.into_iter().filter(|template| {
            template.name.to_lowercase().contains(&search) || template.id.contains(&search)
        });
        let options = found.map(|template| OptionChoice {
            description: template.subject(),
            label: template.name,
            value: template.id.into(),
        });
        Ok(Options {
            options: options.collect(),
            cursor: list.metadata.next.as_deref().and_then(token),
        })
    }
}

impl Template {
    /// That of the version which is used.
    fn subject(&self) -> Option<String> {
        let active = self
            .versions
            .iter()
            .find(|version| version.active == Some(1));
        active?
            .subject
            .clone()
            .filter(|subject| !subject.is_empty())
    }
}

/// What the address of the next page has as its token: base64, of which three characters are encoded in an address.
fn token(address: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let token = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page_token="))?;
    Some(
        token
            .replace("%3D", "=")
            .replace("%2B", "+")
            .replace("%2F", "/"),
    )
}

/// The groups of mails that people can unsubscribe from: <https://www.twilio.com/docs/sendgrid/api-reference/suppressions>.
pub(super) struct UnsubscribeGroups;

#[derive(Deserialize)]
struct Group {
    id: u64,
    name: String,
    description: Option<String>,
}

impl OptionSource for UnsubscribeGroups {
    const NAME: &'static str = "unsubscribe_groups";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let groups: Vec<Group> = api()
            .fetch(api().request(&context, "GET", "/v3/asm/groups")?)
            .await?;
        let search = query.search.unwrap_or_default().to_lowercase();
        let found = groups
            .into_iter()
            .filter(|group| group.name.to_lowercase().contains(&search));
        let options = found.map(|group| OptionChoice {
            value: group.id.into(),
            label: group.name,
            description: group.description,
        });
        Ok(Options {
            options: options.collect(),
            cursor: None,
        })
    }
}
