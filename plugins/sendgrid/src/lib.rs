//! Sends e-mail through SendGrid, and tells what becomes of it.
//!
//! The provider `sendgrid` holds an API key and knows the account's verified senders; the node `sendgrid` sends mail, from a dynamic
//! template or as it is written; the trigger `sendgrid-event` starts runs for deliveries, bounces, clicks and the like. What is sent
//! is held against what SendGrid's own SDK sends: `src/fixtures` has that, and the script that captured it.

mod address;
mod api;
mod event;
mod provider;
mod sendgrid;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("sendgrid", env!("CARGO_PKG_VERSION"))
        .description("Sends e-mail through SendGrid, and tells what becomes of it.")
        .provider(provider::provider())
        .operations(sendgrid::operations())
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
