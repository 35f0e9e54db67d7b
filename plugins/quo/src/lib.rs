//! Text messages and calls through Quo, formerly OpenPhone.
//!
//! The provider `quo` holds an API key and knows the numbers of its workspace; the node `quo` sends text messages from one of
//! them; the trigger `quo-event` starts runs for calls and messages. Quo has no SDK of its own to hold the requests against: they
//! are built to its documentation, <https://www.quo.com/docs>, and the tests hold them to what is written there.

mod api;
mod event;
mod provider;
mod quo;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("quo", env!("CARGO_PKG_VERSION"))
        .description(
            "Sends text messages through Quo, and tells of calls and messages that come in.",
        )
        .provider(provider::provider())
        .operations(quo::operations())
        .webhook::<event::Happened>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }
}
