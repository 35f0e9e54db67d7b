//! The plugin `quo`, from the connected app to the message and back.

mod receive;
mod send;

use anyhow::Result;
use jackfield_tests::{Client, node_of_app, start_then_or_excuse};
use serde_json::{Value, json};

/// A workflow that sends a message, with more in its config.
fn sends(app: &Value, more: Value) -> Value {
    let mut config = json!({"operation": "send_sms", "to": ["+1 (555) 123-0000"]});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    start_then_or_excuse(node_of_app("sms", "quo", app, config))
}

/// A text message that greets somebody.
async fn greeting(owner: &Client, sender: &Value) -> Result<Value> {
    let input = json!({
        "name": "Greeting", "channel": "SMS", "textBody": "Hello {{ trigger.body.name }}", "senderId": sender,
    });
    let made = owner
        .succeed("createMessageTemplate", input, "messageTemplate { id }")
        .await?;
    Ok(made["messageTemplate"]["id"].clone())
}
