//! Google Calendar and Google Sheets.
//!
//! The provider `google` holds the client with which a person grants access, or a service account. The nodes `google-calendar` and
//! `google-sheets` work with calendars and spreadsheets, and the trigger `google-event` starts from the notifications of a channel.
//! What is sent is held against what Google's own SDK sends: `src/fixtures` has that, and the script that captured it.

mod api;
mod calendar;
mod event;
mod provider;
mod sheets;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("google", env!("CARGO_PKG_VERSION"))
        .description("Events in Google Calendar and rows in Google Sheets.")
        .provider(provider::provider())
        .operations(calendar::operations())
        .operations(sheets::operations())
        .webhook::<event::Changed>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        let plugin = plugin();
        let nodes = &plugin.manifest().nodes;
        let operations: Vec<(&str, &Value)> = nodes[..2]
            .iter()
            .map(|node| {
                let operation = &node.config_schema["properties"]["operation"];
                (node.node_type.as_str(), &operation["enum"])
            })
            .collect();
        let calendar = json!([
            "create_event",
            "update_event",
            "list_events",
            "delete_event"
        ]);
        let sheets = json!(["read_rows", "append_row", "update_row", "create_sheet"]);
        assert_eq!(
            operations,
            [("google-calendar", &calendar), ("google-sheets", &sheets)]
        );
        for node in &nodes[..2] {
            let ports: Vec<&str> = node.outputs.iter().map(|port| port.name.as_str()).collect();
            assert_eq!(ports, ["data-out", "error"]);
        }
    }
}
