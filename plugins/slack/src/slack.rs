//! The node `slack`.

mod add_reaction;
mod create_channel;
mod send_message;

use jackfield_plugin_sdk::prelude::*;

use crate::channel::Channels;

pub(crate) fn operations() -> Operations {
    let about = About::new("Slack")
        .description("Sends messages, creates channels and reacts to messages in Slack.")
        .icon("hash")
        .provider("slack")
        .input("data-in", "What the message is about.")
        .output("data-out", "What Slack says of the message or channel.")
        .output("error", "Why nothing was done.")
        .documentation(include_str!("slack/documentation.md"))
        .examples(include_str!("slack/examples.json"))
        .options::<Channels>();
    Operations::new("slack", about)
        .operation::<send_message::SendMessage>()
        .operation::<create_channel::CreateChannel>()
        .operation::<add_reaction::AddReaction>()
}

#[cfg(test)]
mod tests;
