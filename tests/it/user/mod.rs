//! Users: invited, signed in, refreshed, managed.

mod invite;
mod manage;
mod reset;
mod session;
mod sign_in;
mod workspaces;

use anyhow::Result;
use jackfield_tests::{Answer, Client};
use serde_json::{Value, json};

const WHO: &str = "{ viewer { role user { email role active } } }";

/// The user errors of a mutation that is refused, each as one line.
async fn refusals(client: &Client, mutation: &str, input: Value) -> Result<Vec<String>> {
    let payload = client.mutate(mutation, input, "__typename").await?;
    let errors = payload["userErrors"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let line = |error: &Value| {
        let field = error["field"].as_array().map(|path| {
            let path: Vec<_> = path.iter().filter_map(Value::as_str).collect();
            path.join(".")
        });
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        format!(
            "{} {}: {}",
            field.unwrap_or_default(),
            text("code"),
            text("message")
        )
    };
    Ok(errors.iter().map(line).collect())
}

/// Status and code of an answer to a token that may be good.
async fn standing(client: &Client) -> Result<(u16, Value)> {
    let Answer { status, body, .. } = client.send(WHO, json!({})).await?;
    Ok((status, body["errors"][0]["message"].clone()))
}

const OVER: &str = "This session is over: sign in again.";
