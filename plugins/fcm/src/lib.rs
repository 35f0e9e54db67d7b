//! Push notifications through Firebase Cloud Messaging, HTTP v1.
//!
//! The provider `fcm` holds a service account; the node `fcm` sends notifications to a device, a topic or a combination of topics. What is
//! sent is held against what Firebase's own SDK sends: `src/fixtures` has that, and the script that captured it.

mod api;
mod fcm;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("fcm", env!("CARGO_PKG_VERSION"))
        .description("Push notifications through Firebase Cloud Messaging.")
        // The account's address, of which the project is a part, as it is of every path. It is no secret, but it is kept with those.
        .reveals_secrets()
        .provider(provider::provider())
        .operations(fcm::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Captured, SentRequest};

    /// What the account is called.
    pub(crate) const ACCOUNT: &str = "firebase-adminsdk@acme-4711.iam.gserviceaccount.com";

    /// Holds a request to what Firebase's own SDK sends.
    #[track_caller]
    pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
        let captured = Captured::parse(include_str!("fixtures/captured.json"));
        let base = "https://fcm.googleapis.com";
        captured.assert_sent(name, request, base, &["content-type"]);
        // It would be sent twice.
        assert!(!request.repeatable);
    }

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(super::plugin, "fcm", &["send_notification"]);
    }
}
