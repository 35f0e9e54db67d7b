//! The node `fcm`.

mod send_notification;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Firebase Cloud Messaging")
        .description("Sends push notifications to apps and browsers.")
        .icon("bell-ring")
        .provider("fcm")
        .input("data-in", "What it is about.")
        .output("data-out", "The name of the message.")
        .output("error", "Why nothing was sent.")
        .documentation(include_str!("fcm/documentation.md"))
        .examples(include_str!("fcm/examples.json"));
    Operations::new("fcm", about).operation::<send_notification::SendNotification>()
}

#[cfg(test)]
mod tests;
