//! Resources of connected apps, at the example of Postmark's sender addresses.

mod default;
mod follow;
mod import;
mod manage;
mod step;

use anyhow::Result;
use jackfield_tests::Client;
use serde_json::{Value, json};

/// What a drawer shows of a resource.
const RESOURCE: &str =
    "resource { resourceType value label isDefault verificationStatus verificationMessage }";

/// Adds a sender address and returns the resource.
async fn add(owner: &Client, app: &Value, address: &str) -> Result<Value> {
    owner.add_resource(app, "sender_email", address).await
}

/// The sender addresses, oldest first, the default with a star and those that are not verified in brackets.
async fn senders(owner: &Client, app: &Value) -> Result<Vec<String>> {
    let document = "query($id: ID!) { connectedApp(id: $id) { resources { value isDefault verificationStatus } } }";
    let data = owner.data_with(document, json!({"id": app})).await?;
    let resources = data["connectedApp"]["resources"]
        .as_array()
        .into_iter()
        .flatten();
    let shown = |resource: &Value| {
        let value = resource["value"].as_str().unwrap_or_default();
        let star = if resource["isDefault"] == true {
            "*"
        } else {
            ""
        };
        match resource["verificationStatus"] == "VERIFIED" {
            true => format!("{value}{star}"),
            false => format!("({value}{star})"),
        }
    };
    Ok(resources.map(shown).collect())
}
