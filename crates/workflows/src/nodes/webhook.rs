//! `webhook`: a request to a generated URL starts a run.
//!
//! Its secret is not part of a definition. When a definition is saved the secret is taken out, sealed and kept beside the
//! hook; what is stored and read back is `{"set": true}`, and sending that again leaves the secret as it is.

use std::collections::HashMap;

use jackfield_storage::inbound_hook::{HookConfig, Scheme};
use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Map, Value, json};

use super::{NodeType, Trigger};

/// The name of the node type.
pub(crate) const NAME: &str = "webhook";

pub(super) fn node_type() -> NodeType {
    NodeType {
        description:
            "Starts a run when a request arrives at the node's URL and its signature is right."
                .to_owned(),
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "secret": secret_schema(),
                "scheme": {
                    "enum": schemes(), "title": "Scheme",
                    "description": "Who signs, and so how. `standard` when there is a secret, otherwise `none`.",
                },
                "format": {
                    "enum": ["json", "form", "raw"], "title": "Format",
                    "description": "The form of the body; what the scheme's sender sends when absent.",
                },
                "respond": {
                    "enum": ["immediately", "when_finished"], "default": "immediately", "title": "Respond",
                    "description": "Whether the sender waits for the answer of the `respond` node.",
                },
                "header": of_scheme(
                    "hmac-…`, `bearer", "the header that carries the signature or the token", &json!({"minLength": 1}),
                ),
                "prefix": of_scheme("hmac-…", "the text in front of the signature", &json!({})),
                "encoding": of_scheme("hmac-…", "how the signature is written", &json!({"enum": ["hex", "base64"]})),
                "timestampHeader": of_scheme(
                    "hmac-…", "the header with the Unix time that is signed in front of the body; the body alone is signed when absent",
                    &json!({"minLength": 1}),
                ),
                "separator": of_scheme("hmac-…", "what stands between that time and the body; a dot when absent", &json!({})),
                "keyEncoding": of_scheme("authorize-net", "how the key is written", &json!({"enum": ["text", "hex"]})),
                "verifyToken": of_scheme(
                    "meta", "the token with which the subscription is confirmed; the secret when absent", &json!({}),
                ),
                "allowFrom": {
                    "type": "array", "maxItems": 100, "title": "Allow from",
                    "description": "The addresses that may send, in CIDR notation, such as `192.0.2.0/24`; all when empty.",
                    "items": {"type": "string", "minLength": 1},
                },
                "maxBytes": {
                    "type": "integer", "minimum": 1, "maximum": 1_000_000_000, "title": "Largest body",
                    "description": "The largest body in bytes; what the server takes when absent, which is also the most.",
                },
                "maxPerSecond": {
                    "type": "integer", "minimum": 1, "maximum": 1_000_000, "title": "Most per second",
                    "description": "How many requests a second are taken at most, on each node; the others are answered with 429.",
                },
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "body": {}, "headers": {"type": "object"}, "query": {"type": "object"}, "event": {"type": "object"},
            },
        }).into()),
        ..NodeType::trigger(NAME, "Webhook", "webhook", Trigger::Webhook)
    }
}

/// The schemes of a node: what only the plugin of a provider can check belongs to a connected app.
fn schemes() -> Vec<&'static str> {
    let schemes = Scheme::ALL
        .iter()
        .filter(|scheme| **scheme != Scheme::Plugin);
    schemes.map(|scheme| scheme.as_str()).collect()
}

fn secret_schema() -> Value {
    json!({
        "title": "Secret",
        "description": "What the sender signs with; a list while one replaces another. Never read back: shown as \
                        {\"set\": true}, which also keeps the secret there is when the definition is saved again.",
        "writeOnly": true,
        "anyOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
            {
                "type": "object", "required": ["set"], "additionalProperties": false,
                "properties": {"set": {"const": true}},
            },
        ],
    })
}

/// A string that only one scheme looks at.
fn of_scheme(scheme: &str, what: &str, more: &Value) -> Value {
    let mut schema = json!({"type": "string", "description": format!("`{scheme}`: {what}.")});
    if let (Some(schema), Some(more)) = (schema.as_object_mut(), more.as_object()) {
        schema.extend(more.clone());
    }
    schema
}

/// The new secrets of a definition, by the position of their node.
pub(crate) type Secrets = HashMap<usize, Value>;

/// Takes the secrets out of a definition, before anything else looks at it.
pub(crate) fn take_secrets(definition: &mut Value) -> Secrets {
    let nodes = definition.get_mut("nodes").and_then(Value::as_array_mut);
    let mut secrets = Secrets::new();
    for (index, node) in nodes.into_iter().flatten().enumerate() {
        if node.get("type").and_then(Value::as_str) != Some(NAME) {
            continue;
        }
        let Some(config) = node.get_mut("config").and_then(Value::as_object_mut) else {
            continue;
        };
        match config.get_mut("secret") {
            Some(Value::Null) => {
                config.remove("secret");
            }
            Some(secret) if is_new(secret) => {
                secrets.insert(index, std::mem::replace(secret, json!({"set": true})));
            }
            _ => {}
        }
    }
    secrets
}

/// Whether a config says that there is a secret.
pub(crate) fn has_secret(config: &Map<String, Value>) -> bool {
    config.contains_key("secret")
}

/// Whether a secret is given, and not only said to be there. What is neither is left for the schema to refuse.
fn is_new(secret: &Value) -> bool {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let is_list = |items: &Vec<Value>| !items.is_empty() && items.iter().all(is_text);
    is_text(secret) || secret.as_array().is_some_and(is_list)
}

/// The config of the hook that belongs to a checked node config: without the secret, and with its scheme.
pub(crate) fn hook_config(config: &Map<String, Value>) -> Result<HookConfig, serde_json::Error> {
    let mut config = config.clone();
    if config.remove("secret").is_some() {
        config
            .entry("scheme")
            .or_insert_with(|| Scheme::Standard.as_str().into());
    }
    serde_json::from_value(Value::Object(config))
}

/// What the schema cannot say.
pub(super) fn check(config: &Map<String, Value>, path: &[String], problems: &mut Vec<Problem>) {
    for (index, network) in networks(config) {
        let field = path.iter().map(String::as_str).chain(["allowFrom", &index]);
        let message = format!("`{network}` is no range in CIDR notation, such as 192.0.2.0/24");
        problems.push(Problem::new(field, ProblemCode::InvalidConfig, message));
    }
    // What else cannot be read as a hook's config was refused by the schema already.
    let Ok(hook) = hook_config(config) else {
        return;
    };
    let mut fault = |name: &str, what: &str| {
        let field = path.iter().map(String::as_str).chain([name]);
        let message = format!("scheme `{}` {what}", hook.scheme);
        problems.push(Problem::new(field, ProblemCode::InvalidConfig, message));
    };
    match (hook.scheme, has_secret(config)) {
        (Scheme::None, true) => fault(
            "secret",
            "has no use for a secret; choose another scheme, or remove the secret",
        ),
        (Scheme::None, false) | (_, true) => {}
        (_, false) => fault("secret", "needs a secret to check signatures with"),
    }
    let is_hmac = matches!(
        hook.scheme,
        Scheme::HmacSha1 | Scheme::HmacSha256 | Scheme::HmacSha512
    );
    if is_hmac && hook.header.is_none() {
        fault(
            "header",
            "needs the name of the header that carries the signature",
        );
    }
}

/// The entries of `allowFrom` that are none.
fn networks(config: &Map<String, Value>) -> impl Iterator<Item = (String, &str)> {
    let given = config.get("allowFrom").and_then(Value::as_array);
    let given = given.into_iter().flatten().enumerate();
    given
        .filter_map(|(index, network)| Some((index.to_string(), network.as_str()?)))
        .filter(|(_, network)| network.parse::<ipnet::IpNet>().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_of_webhook_nodes_only() {
        let mut definition = json!({"nodes": [
            {"key": "hook", "type": "webhook", "config": {"secret": "whsec_test", "scheme": "stripe"}},
            {"key": "kept", "type": "webhook", "config": {"secret": {"set": true}}},
            {"key": "set", "type": "set", "config": {"values": {}, "secret": "not one"}},
        ]});
        let secrets = take_secrets(&mut definition);
        assert_eq!(secrets.len(), 1);
        assert_eq!(secrets[&0], "whsec_test");
        assert!(!definition.to_string().contains("whsec_test"));
        assert_eq!(
            definition["nodes"][0]["config"]["secret"],
            json!({"set": true})
        );
    }

    #[test]
    fn the_scheme_is_standard_when_there_is_a_secret() {
        let scheme = |config: Value| hook_config(config.as_object().unwrap()).unwrap().scheme;
        assert_eq!(scheme(json!({})), Scheme::None);
        assert_eq!(scheme(json!({"secret": {"set": true}})), Scheme::Standard);
        assert_eq!(
            scheme(json!({"secret": {"set": true}, "scheme": "github"})),
            Scheme::Github
        );
    }
}
