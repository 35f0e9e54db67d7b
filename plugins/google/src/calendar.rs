//! The node `google-calendar`.

mod create_event;
mod delete_event;
mod details;
mod list_events;
mod options;
mod time;
mod update_event;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Google Calendar")
        .description("Creates, updates, lists and deletes events on Google Calendar.")
        .icon("calendar-days")
        .provider("google")
        .input("data-in", "What the event is about.")
        .output("data-out", "The event, or the events.")
        .output("error", "Why it was refused.")
        .documentation(include_str!("calendar/documentation.md"))
        .examples(include_str!("calendar/examples.json"))
        .options::<options::Calendars>()
        .options::<options::Events>();
    Operations::new("google-calendar", about)
        .operation::<create_event::CreateEvent>()
        .operation::<update_event::UpdateEvent>()
        .operation::<list_events::ListEvents>()
        .operation::<delete_event::DeleteEvent>()
}

#[cfg(test)]
mod tests;
