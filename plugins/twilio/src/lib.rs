//! Text messages, calls and lookups of phone numbers through Twilio.
//!
//! The provider `twilio` holds an account's auth token or an API key and knows its numbers; the node `twilio` sends messages, makes
//! calls and looks numbers up; the trigger `twilio-event` starts runs for what comes in and for what becomes of what was sent. What
//! is sent is held against what Twilio's own SDK sends: `src/fixtures` has that, and the script that captured it.

mod account;
mod api;
mod event;
mod number;
mod provider;
mod twilio;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("twilio", env!("CARGO_PKG_VERSION"))
        .description(
            "Sends text messages, makes calls and looks up numbers through Twilio, and tells of what comes in.",
        )
        // The account's SID, which is a part of every path. It is no secret, but it is kept with those.
        .reveals_secrets()
        .provider(provider::provider())
        .operations(twilio::operations())
        .webhook::<event::Happened>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(plugin, "twilio", &["send_sms", "make_call", "lookup"]);
    }
}
