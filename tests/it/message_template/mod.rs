//! Message templates, at the example of mails through Postmark.

mod follow;
mod manage;
mod preview;
mod sender;
mod step;

use anyhow::Result;
use jackfield_tests::{Client, Postmark, node_of_app, start_then};
use serde_json::{Value, json};

/// What a builder shows of a template.
const TEMPLATE: &str =
    "messageTemplate { name channel subject htmlBody textBody description chosenSenderId
    sender { value } senderFellBack senderWarning }";

/// Makes a mail and returns its id.
async fn receipt(owner: &Client, sender: Option<&Value>) -> Result<Value> {
    let input = json!({
        "name": "Receipt", "channel": "EMAIL", "subject": "Receipt for {{ trigger.body.name }}",
        "htmlBody": "<p>Dear {{ trigger.body.name }}</p>", "textBody": "Dear {{ trigger.body.name }}", "senderId": sender,
    });
    let made = owner
        .succeed("createMessageTemplate", input, "messageTemplate { id }")
        .await?;
    Ok(made["messageTemplate"]["id"].clone())
}

/// Connects an app with these sender addresses, the first of which is the default, and returns it with them.
async fn senders(
    owner: &Client,
    postmark: &Postmark,
    addresses: &[&str],
) -> Result<(Value, Vec<Value>)> {
    let app = postmark.connect(owner, "Mail").await?;
    let confirmed: Vec<_> = addresses.iter().map(|address| (*address, true)).collect();
    postmark.senders(&confirmed);
    let mut ids = Vec::new();
    for address in addresses {
        let made = owner.add_resource(&app, "sender_email", address).await?;
        ids.push(made["id"].clone());
    }
    Ok((app, ids))
}

async fn delete_sender(owner: &Client, sender: &Value) -> Result<Value> {
    let input = json!({"resourceId": sender});
    owner
        .succeed("deleteResource", input, "resource { id }")
        .await
}

/// A workflow that sends a template, with more in the config of the node.
fn sends(app: &Value, template: &Value, more: Value) -> Value {
    let mut config =
        json!({"operation": "send_email", "to": "ada@example.com", "template": template});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    start_then(node_of_app("mail", "postmark", app, config))
}
