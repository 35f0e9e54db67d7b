//! <https://developers.google.com/workspace/calendar/api/v3/reference/events/delete>

use jackfield_plugin_sdk::prelude::*;

use super::details::SendUpdates;
use crate::api::calendar;

/// Deletes an event.
#[derive(Config)]
pub(super) struct DeleteEvent {
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
    /// Who gets mails about it.
    #[field(default = SendUpdates::All)]
    send_updates: SendUpdates,
}

/// Google answers 410 when it is deleted already, as after a try whose answer was lost.
#[derive(Rest)]
#[rest(delete = "/calendars/{calendar}/events/{event_id}", api = calendar(), output = Value, success(&[410]))]
struct Delete {
    calendar: String,
    event_id: String,
    #[field(query = "sendUpdates")]
    send_updates: SendUpdates,
}

/// What was deleted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deleted {
    /// The event's id.
    id: String,
    /// `true`.
    deleted: bool,
}

impl Operation for DeleteEvent {
    const NAME: &'static str = "delete_event";
    type Output = Deleted;

    async fn run(self, context: Context) -> Result<Deleted> {
        let id = self.event_id.clone();
        let delete = Delete {
            calendar: self.calendar,
            event_id: self.event_id,
            send_updates: self.send_updates,
        };
        delete.call(&context).await?;
        Ok(Deleted { id, deleted: true })
    }
}
