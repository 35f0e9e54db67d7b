//! The node type `api-endpoint` of the plugin `http`, loaded from its library.

mod authentication;
mod egress;
mod request;
mod response;

use anyhow::{Context, Result};
use jackfield_tests::{Jackfield, node, start_then};
use serde_json::{Value, json};

/// Runs one `api-endpoint` node and returns the run.
async fn call(jackfield: &Jackfield, config: Value) -> Result<Value> {
    jackfield
        .owner()
        .run_once(start_then(node("call", "api-endpoint", config)), json!({}))
        .await
}

/// Connects an app of the provider `http` and returns its id.
async fn connect(jackfield: &Jackfield, credentials: Value) -> Result<String> {
    let input = json!({"provider": "http", "name": "Partner", "credentials": credentials});
    let payload = jackfield
        .owner()
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    Ok(payload["connectedApp"]["id"]
        .as_str()
        .context("a connected app has an id")?
        .to_owned())
}

/// Runs one `api-endpoint` node with the credentials of an app and returns the run.
async fn call_as(jackfield: &Jackfield, app: &str, config: Value) -> Result<Value> {
    let mut node = node("call", "api-endpoint", config);
    node["connectedAppId"] = json!(app);
    jackfield
        .owner()
        .run_once(start_then(node), json!({}))
        .await
}
