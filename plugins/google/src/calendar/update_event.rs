//! <https://developers.google.com/workspace/calendar/api/v3/reference/events/patch>

use jackfield_plugin_sdk::prelude::*;
use serde_json::value::Value as Json;

use super::details::{Details, Event, SendUpdates};
use super::time::Times;
use crate::api::{calendar, invalid};

/// Changes what is said here of an event, and leaves the rest as it is.
#[derive(Config)]
pub(super) struct UpdateEvent {
    /// Which calendar; the account's own unless given.
    #[field(default = "primary", options = "calendars", placeholder = "primary")]
    calendar: String,
    /// Which event, by the id that `create_event` returned.
    #[field(
        label = "Event",
        options = "events",
        depends_on(calendar),
        min_length = 1
    )]
    event_id: String,
    /// What it is called.
    title: Option<String>,
    #[field(flatten)]
    times: Times,
    #[field(flatten)]
    details: Details,
    /// Who gets mails about it.
    #[field(default = SendUpdates::All)]
    send_updates: SendUpdates,
}

#[derive(Rest)]
#[rest(patch = "/calendars/{calendar}/events/{event_id}", api = calendar(), output = Whole<Event>)]
struct Patch {
    calendar: String,
    event_id: String,
    #[field(query = "sendUpdates")]
    send_updates: SendUpdates,
    #[field(flatten)]
    event: Json,
}

impl Operation for UpdateEvent {
    const NAME: &'static str = "update_event";
    type Output = Whole<Event>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let mut event = self.times.body(true)?;
        let details = serde_json::to_value(&self.details)
            .map_err(|error| invalid(format!("The event cannot be sent: {error}.")))?;
        if let (Json::Object(event), Json::Object(details)) = (&mut event, details) {
            event.extend(self.title.map(|title| ("summary".to_owned(), title.into())));
            event.extend(details);
        }
        if event == json!({}) {
            return Err(invalid(
                "Nothing says what is to be changed: give a title, times or something else.",
            ));
        }
        let patch = Patch {
            calendar: self.calendar,
            event_id: self.event_id,
            send_updates: self.send_updates,
            event,
        };
        // The same change twice is one.
        let request = patch.request(&context)?.repeatable();
        calendar().fetch(request).await
    }
}
