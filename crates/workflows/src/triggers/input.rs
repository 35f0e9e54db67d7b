use jackfield_storage::ids::EventId;
use jackfield_storage::{Json, NewEvent, Timestamp};
use serde::Serialize;

/// What expressions see as `trigger`.
#[derive(Serialize)]
struct Input<'a> {
    body: &'a Json,
    headers: Empty,
    query: Empty,
    event: Facts<'a>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts<'a> {
    id: EventId,
    #[serde(rename = "type")]
    event_type: &'a str,
    source: &'a str,
    occurred_at: Timestamp,
    received_at: Timestamp,
}

/// The input of a run that an event starts without a request.
pub(super) fn input_of(event: &NewEvent, now: Timestamp) -> Result<Json, serde_json::Error> {
    Json::of(&Input {
        body: &event.data,
        headers: Empty {},
        query: Empty {},
        event: Facts {
            id: event.id,
            event_type: &event.event_type,
            source: &event.source,
            occurred_at: event.occurred_at,
            received_at: now,
        },
    })
}
