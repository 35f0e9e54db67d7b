//! The node `twilio`.

mod lookup;
mod make_call;
pub(crate) mod numbers;
mod options;
mod send_sms;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Twilio")
        .description("Sends text messages, makes phone calls, and looks up phone numbers.")
        .icon("phone")
        .provider("twilio")
        .input("data-in", "What the message or call is about.")
        .output(
            "data-out",
            "What Twilio says of the message, call or number.",
        )
        .output("error", "Why it was refused.")
        .documentation(include_str!("twilio/documentation.md"))
        .examples(include_str!("twilio/examples.json"))
        .options::<options::Numbers>()
        .options::<options::MessagingServices>();
    Operations::new("twilio", about)
        .operation::<send_sms::SendSms>()
        .operation::<make_call::MakeCall>()
        .operation::<lookup::Lookup>()
}

#[cfg(test)]
pub(crate) mod tests;
