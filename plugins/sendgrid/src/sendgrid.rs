//! The node `sendgrid`.

mod options;
mod send_email;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("SendGrid")
        .description("Sends e-mail through SendGrid, from a dynamic template, from a message template or as it is written.")
        .icon("mail")
        .provider("sendgrid")
        .input("data-in", "What the mail is about.")
        .output("data-out", "By which SendGrid's events refer to the mail.")
        .output("error", "Why nothing was sent.")
        .documentation(include_str!("sendgrid/documentation.md"))
        .examples(include_str!("sendgrid/examples.json"))
        .options::<options::Templates>()
        .options::<options::UnsubscribeGroups>();
    Operations::new("sendgrid", about).operation::<send_email::SendEmail>()
}

#[cfg(test)]
pub(crate) mod tests;
