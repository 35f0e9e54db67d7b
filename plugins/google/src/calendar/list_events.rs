//! <https://developers.google.com/workspace/calendar/api/v3/reference/events/list>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::Pages;

use super::details::Event;
use super::time::Instant;
use crate::api::calendar;

/// Lists events.
#[derive(Config, Rest)]
#[rest(get = "/calendars/{calendar}/events", api = calendar(), output = Page<Whole<Event>>,
       pages = Pages::cursor("items", "nextPageToken", "pageToken").size("maxResults", 250))]
pub(super) struct ListEvents {
    /// Which calendar; the account's own unless given.
    #[field(default = "primary", options = "calendars", placeholder = "primary")]
    calendar: String,
    /// Only events that end after this time.
    #[field(
        name = "from",
        query = "timeMin",
        placeholder = "2026-12-01T00:00:00+01:00"
    )]
    from: Option<Instant>,
    /// Only events that begin before this time.
    #[field(query = "timeMax", placeholder = "2026-12-08T00:00:00+01:00")]
    until: Option<Instant>,
    /// Only events that have these words, in their title, description, location or attendees.
    #[field(query = "q")]
    search: Option<String>,
    /// Most events to return.
    #[field(limit, default = 250, min = 1, max = 10_000)]
    limit: u64,
    /// Where an earlier list ended.
    #[field(cursor, advanced)]
    cursor: Option<String>,
    /// Whether each time of an event that recurs is listed, and not the event alone.
    #[field(advanced, query = "singleEvents", default = true)]
    expand: bool,
    /// In which order.
    #[field(advanced, query = "orderBy")]
    order_by: Option<OrderBy>,
    /// Only events that have changed since then; deleted ones are among them.
    #[field(advanced, query = "updatedMin")]
    updated_since: Option<Instant>,
    /// Only events with this property, such as `booking=bk_1`.
    #[field(advanced, query = "privateExtendedProperty", pattern = "=")]
    property: Option<String>,
    /// Whether deleted events are among them.
    #[field(advanced, query = "showDeleted")]
    show_deleted: Option<bool>,
    /// The time zone of the times that are returned; the calendar's unless given.
    #[field(advanced, query = "timeZone", placeholder = "Europe/Berlin")]
    time_zone: Option<String>,
}

/// In which order.
#[derive(Config, Serialize)]
#[serde(rename_all = "camelCase")]
enum OrderBy {
    /// As they begin; only where each time of an event that recurs is listed.
    StartTime,
    /// As they have changed.
    Updated,
}
