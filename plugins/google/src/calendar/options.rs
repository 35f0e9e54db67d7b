//! The choices of the config's fields, as the account has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use super::time::When;
use crate::api::{calendar, or_no_choices, written};

/// The calendars that the account can write to or see.
pub(super) struct Calendars;

impl OptionSource for Calendars {
    const NAME: &'static str = "calendars";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let request = calendar().request(&context, "GET", "/users/me/calendarList")?;
        let mut request = request.query("maxResults", "250");
        if let Some(cursor) = &query.cursor {
            request = request.query("pageToken", cursor);
        }
        let loaded = calendar().send(request).await;
        or_no_choices(loaded.map(|list| choices(&list, &query, calendar_choice)))
    }
}

/// The next events of the calendar that was chosen before.
pub(super) struct Events;

#[derive(Rest)]
#[rest(get = "/calendars/{calendar}/events", api = calendar(), output = Value, query("singleEvents", "true"),
       query("orderBy", "startTime"), query("maxResults", "100"))]
struct Next {
    calendar: String,
    #[field(query = "timeMin")]
    time_min: Option<String>,
    #[field(query = "q")]
    search: Option<String>,
    #[field(query = "pageToken")]
    cursor: Option<String>,
}

impl OptionSource for Events {
    const NAME: &'static str = "events";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let calendar = match &config["calendar"] {
            Value::Null => "primary",
            _ => match written(&config, "calendar") {
                Some(calendar) => calendar,
                None => return Ok(Options::default()),
            },
        };
        let now = context.now().await?.unix_micros;
        let now = When::at(now / 1_000_000);
        let next = Next {
            calendar: calendar.to_owned(),
            time_min: now.map(|now| now.to_string()),
            search: query.search.clone().filter(|search| !search.is_empty()),
            cursor: query.cursor.clone(),
        };
        // Google has searched already, in more than the title.
        let found = OptionsQuery {
            search: None,
            ..query
        };
        let loaded = next.call(&context).await;
        or_no_choices(loaded.map(|list| choices(&list, &found, event_choice)))
    }
}

/// One page of a list, each item as a choice.
fn choices(
    list: &Value,
    query: &OptionsQuery,
    choice: impl Fn(&Value) -> Option<OptionChoice>,
) -> Options {
    let items = list["items"].as_array().into_iter().flatten();
    let search = query.search.as_deref().unwrap_or_default().to_lowercase();
    let is_found = |choice: &OptionChoice| choice.label.to_lowercase().contains(&search);
    Options {
        options: items.filter_map(choice).filter(is_found).collect(),
        cursor: list["nextPageToken"].as_str().map(str::to_owned),
    }
}

fn calendar_choice(calendar: &Value) -> Option<OptionChoice> {
    let id = calendar["id"].as_str()?;
    let names = [&calendar["summaryOverride"], &calendar["summary"]];
    let description = match calendar["accessRole"].as_str() {
        Some("reader" | "freeBusyReader") => Some("can be read only"),
        _ if calendar["primary"] == true => Some("the account's own"),
        _ => calendar["description"].as_str(),
    };
    Some(OptionChoice {
        value: id.into(),
        label: names
            .iter()
            .find_map(|name| name.as_str())
            .unwrap_or(id)
            .to_owned(),
        description: description.map(str::to_owned),
    })
}

fn event_choice(event: &Value) -> Option<OptionChoice> {
    let start = [&event["start"]["dateTime"], &event["start"]["date"]];
    Some(OptionChoice {
        value: event["id"].as_str()?.into(),
        label: event["summary"].as_str().unwrap_or("No title").to_owned(),
        description: start
            .iter()
            .find_map(|time| time.as_str())
            .map(str::to_owned),
    })
}
