//! `docs/integrations.md`: what the loaded plugins bring, as the server tells it, and what their requests are held against.

mod evidence;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::Client;
use evidence::Evidence;

/// Where the page is kept, from the root of the repository.
pub const PAGE: &str = "docs/integrations.md";

const HEAD: &str = "\
# Integrations

What the plugins of this repository bring. `cargo xtask integrations` writes this page from their manifests and fixtures, and a test
fails where it is not current; do not edit it.

- **Credentials**: each line is a way to authenticate, with what it asks for; what can be left out is in parentheses.
- **Inbound verification**: the scheme by which the hook of a connected app checks what arrives, see
  [inbound webhooks](inbound-webhooks.md#schemes).
- **Verified against**: the SDK whose requests were captured, and which the tests of the plugin hold its requests to; what no SDK was
  captured for is built to the provider's documentation alone. The script that captured them is in `plugins/<plugin>/src/fixtures`.
  No account at a provider was used.

| Provider | Operations | Triggers | Credentials | Resources | Inbound verification | Verified against |
|---|---|---|---|---|---|---|
";

const PROVIDERS: &str = "query($after: String) { providers(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { name title hosts hookScheme plugin { name } schemes { title schema } resourceTypes { type max } }
} }";

const NODE_TYPES: &str = "query($after: String) { nodeTypes(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { type category provider plugin { name } configSchema }
} }";

/// The page, from what a server says of the plugins that it has loaded.
///
/// # Errors
/// When the server does not answer, or the fixtures of a plugin cannot be read.
pub async fn page(client: &Client) -> Result<String> {
    let mut providers = all(client, PROVIDERS, "providers").await?;
    providers.sort_by_key(|provider| words(&provider["title"]).to_lowercase());
    let types = all(client, NODE_TYPES, "nodeTypes").await?;
    let mut page = HEAD.to_owned();
    for provider in &providers {
        let of_provider = types.iter().filter(|kind| belongs(kind, provider));
        let (triggers, nodes): (Vec<_>, Vec<_>) =
            of_provider.partition(|kind| kind["category"] == "TRIGGER");
        page.push_str(&row(provider, &nodes, &triggers)?);
    }
    Ok(page)
}

/// What a list has on all its pages.
async fn all(client: &Client, document: &str, list: &str) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({"after": after});
        let page = client.data_with(document, variables).await?[list].take();
        all.extend(page["nodes"].as_array().into_iter().flatten().cloned());
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(all);
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Whether a node type is one of a provider; one that needs none counts to that of its plugin.
fn belongs(kind: &Value, provider: &Value) -> bool {
    match kind["provider"].as_str() {
        Some(name) => provider["name"] == name,
        None => !kind["plugin"].is_null() && kind["plugin"] == provider["plugin"],
    }
}

fn row(provider: &Value, nodes: &[&Value], triggers: &[&Value]) -> Result<String> {
    let plugin = provider["plugin"]["name"].as_str().context("a plugin")?;
    let operations: Vec<&str> = nodes.iter().flat_map(|node| operations(node)).collect();
    let cells = [
        format!(
            "{} (`{}`)",
            words(&provider["title"]),
            words(&provider["name"])
        ),
        lines(nodes.iter().map(|node| operated(node))),
        lines(triggers.iter().map(|kind| code(&kind["type"]))),
        lines(list(&provider["schemes"]).map(credentials)),
        lines(list(&provider["resourceTypes"]).map(resource)),
        provider["hookScheme"]
            .as_str()
            .map_or("–".to_owned(), |scheme| format!("`{scheme}`")),
        Evidence::of(plugin)?.told(
            &operations,
            list(&provider["hosts"]).any(|host| host == "*"),
        ),
    ];
    Ok(format!("| {} |\n", cells.join(" | ")))
}

/// A node type with its operations, where it has several.
fn operated(node: &Value) -> String {
    let names: Vec<String> = operations(node).map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => code(&node["type"]),
        false => format!("{}: {}", code(&node["type"]), names.join(", ")),
    }
}

fn operations(node: &Value) -> impl Iterator<Item = &str> {
    let names = &node["configSchema"]["properties"]["operation"]["enum"];
    list(names).filter_map(Value::as_str)
}

/// A way to authenticate: what has to be given, and in parentheses what may be.
fn credentials(scheme: &Value) -> String {
    let required: Vec<&str> = list(&scheme["schema"]["required"])
        .filter_map(Value::as_str)
        .collect();
    let names = scheme["schema"]["properties"].as_object();
    let names = names.into_iter().flat_map(|names| names.keys());
    let (needed, others): (Vec<&String>, Vec<&String>) =
        names.partition(|name| required.contains(&name.as_str()));
    let needed = needed.iter().map(|name| format!("`{name}`"));
    let others = others.iter().map(|name| format!("(`{name}`)"));
    let names: Vec<String> = needed.chain(others).collect();
    format!("{}: {}", words(&scheme["title"]), names.join(", "))
}

fn resource(kind: &Value) -> String {
    let name = code(&kind["type"]);
    match kind["max"].as_i64() {
        Some(max) => format!("{name}, at most {max}"),
        None => name,
    }
}

fn code(name: &Value) -> String {
    format!("`{}`", words(name))
}

/// Text in a cell of a table.
fn words(text: &Value) -> String {
    text.as_str().unwrap_or_default().replace('|', "\\|")
}

/// The lines of a cell.
fn lines(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    match lines.is_empty() {
        true => "–".to_owned(),
        false => lines.join("<br>"),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
