//! <https://developers.google.com/workspace/calendar/api/v3/reference/events/insert>

use jackfield_plugin_sdk::prelude::*;
use serde_json::value::Value as Json;

use super::details::{Details, Event, SendUpdates};
use super::time::Times;
use crate::api::{calendar, invalid};

/// Creates an event.
#[derive(Config)]
pub(super) struct CreateEvent {
    /// Which calendar; the account's own unless given.
    #[field(default = "primary", options = "calendars", placeholder = "primary")]
    calendar: String,
    /// What it is called.
    #[field(placeholder = "Spring clean at Ada's")]
    title: String,
    #[field(flatten)]
    times: Times,
    #[field(flatten)]
    details: Details,
    /// Whether people can meet on line, with Google Meet.
    #[field(advanced, label = "Google Meet", default = false)]
    google_meet: bool,
    /// Who gets mails about it.
    #[field(default = SendUpdates::All)]
    send_updates: SendUpdates,
}

#[derive(Rest)]
#[rest(post = "/calendars/{calendar}/events", api = calendar(), output = Whole<Event>)]
struct Insert {
    calendar: String,
    #[field(query = "sendUpdates")]
    send_updates: SendUpdates,
    #[field(query = "conferenceDataVersion")]
    conference_data_version: Option<u8>,
    #[field(flatten)]
    event: Json,
}

#[derive(Rest)]
#[rest(get = "/calendars/{calendar}/events/{event}", api = calendar(), output = Whole<Event>)]
struct Get {
    calendar: String,
    event: String,
}

impl Operation for CreateEvent {
    const NAME: &'static str = "create_event";
    type Output = Whole<Event>;

    /// The event gets an id that is made of the step's key: whoever asks twice gets one event.
    async fn run(self, context: Context) -> Result<Self::Output> {
        let key = context.effect_key(Self::NAME);
        let event = id_of(&key);
        let insert = self.insert(&event)?;
        let request = insert.request(&context)?.repeatable();
        match calendar().fetch(request).await {
            Err(error) if error.code == "DUPLICATE" => {
                let calendar = insert.calendar;
                Get { calendar, event }.call(&context).await
            }
            created => created,
        }
    }
}

impl CreateEvent {
    fn insert(self, id: &str) -> Result<Insert> {
        let times = self.times.whole()?;
        if self.details.recurrence.is_some() && times.time_zone().is_none() {
            return Err(invalid(
                "timeZone is missing: an event that recurs needs one.",
            ));
        }
        let mut event = times.body(false)?;
        event["id"] = id.into();
        event["summary"] = self.title.into();
        let details = serde_json::to_value(&self.details)
            .map_err(|error| invalid(format!("The event cannot be sent: {error}.")))?;
        if let (Json::Object(event), Json::Object(details)) = (&mut event, details) {
            event.extend(details);
        }
        if self.google_meet {
            let solution = json!({"type": "hangoutsMeet"});
            event["conferenceData"] =
                json!({"createRequest": {"requestId": id, "conferenceSolutionKey": solution}});
        }
        Ok(Insert {
            calendar: self.calendar,
            send_updates: self.send_updates,
            conference_data_version: self.google_meet.then_some(1),
            event,
        })
    }
}

/// An id may have the digits and the letters from a to v: the key in hexadecimal digits.
pub(super) fn id_of(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}
