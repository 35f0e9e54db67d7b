//! The node `facebook`.

mod create_post;
mod messenger;
mod options;
mod send_message;
mod whatsapp;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Facebook and WhatsApp")
        .description("Writes to people by Messenger and WhatsApp, and posts to a Page.")
        .icon("facebook")
        .provider("facebook")
        .input("data-in", "What the message or post is about.")
        .output("data-out", "By what Meta knows it.")
        .output("error", "Why it was refused.")
        .documentation(include_str!("facebook/documentation.md"))
        .examples(include_str!("facebook/examples.json"))
        .options::<options::Numbers>()
        .options::<options::Templates>();
    Operations::new("facebook", about)
        .operation::<send_message::SendMessage>()
        .operation::<create_post::CreatePost>()
}

#[cfg(test)]
mod tests;
