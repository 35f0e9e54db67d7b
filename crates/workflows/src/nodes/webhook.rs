//! `webhook`: a request to a generated URL starts a run.
//!
//! Its secret is not part of a definition. When a definition is saved the secret is taken out, sealed and kept beside the
//! hook; what is stored and read back is `{"set": true}`, and sending that again leaves the secret as it is.

use std::collections::HashMap;

use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Map, Value, json};

use super::{NodeType, Trigger};

/// Who signs, and so how.
const SCHEMES: [&str; 16] = [
    "none",
    "stripe",
    "github",
    "slack",
    "twilio",
    "standard",
    "hmac-sha256",
    "quickbooks",
    "meta",
    "sendgrid",
    "quo",
    "authorize-net",
    "lob",
    "postmark",
    "mailchimp",
    "google",
];

/// The name of the node type.
const NAME: &str = "webhook";

pub(super) fn node_type() -> NodeType {
    NodeType {
        description:
            "Starts a run when a request arrives at the node's URL and its signature is right."
                .to_owned(),
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "secret": {
                    "title": "Secret",
                    "description": "What the sender signs with. Never read back: shown as {\"set\": true}, which also keeps \
                                    the secret there is when the definition is saved again.",
                    "writeOnly": true,
                    "anyOf": [
                        {"type": "string", "minLength": 1},
                        {
                            "type": "object", "required": ["set"], "additionalProperties": false,
                            "properties": {"set": {"const": true}},
                        },
                    ],
                },
                "scheme": {
                    "enum": SCHEMES, "title": "Scheme",
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
                "header": {
                    "type": "string", "minLength": 1, "title": "Header",
                    "description": "`hmac-sha256`: the header that carries the signature.",
                },
                "prefix": {
                    "type": "string", "title": "Prefix",
                    "description": "`hmac-sha256`: the text in front of the signature.",
                },
                "encoding": {
                    "enum": ["hex", "base64"], "default": "hex", "title": "Encoding",
                    "description": "`hmac-sha256`: how the signature is written.",
                },
                "keyEncoding": {
                    "enum": ["text", "hex"], "default": "text", "title": "Key encoding",
                    "description": "`authorize-net`: how the key is written.",
                },
                "verifyToken": {
                    "type": "string", "title": "Verify token",
                    "description": "`meta`: the token with which the subscription is confirmed; the secret when absent.",
                },
            },
        }),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "body": {}, "headers": {"type": "object"}, "query": {"type": "object"}, "event": {"type": "object"},
            },
        })),
        ..NodeType::trigger(NAME, "Webhook", "webhook", Trigger::Webhook)
    }
}

/// The new secrets of a definition, by the position of their node.
pub(crate) type Secrets = HashMap<usize, String>;

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
            Some(secret) if secret.as_str().is_some_and(|text| !text.is_empty()) => {
                if let Value::String(text) = std::mem::replace(secret, json!({"set": true})) {
                    secrets.insert(index, text);
                }
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

/// The config of the hook that belongs to a checked node config: without the secret, and with its scheme.
pub(crate) fn hook_config(config: &Map<String, Value>) -> Map<String, Value> {
    let mut config = config.clone();
    let secret = config.remove("secret");
    let scheme = if secret.is_some() { "standard" } else { "none" };
    config.entry("scheme").or_insert_with(|| scheme.into());
    config
}

/// What the schema cannot say.
pub(super) fn check(config: &Map<String, Value>, path: &[String], problems: &mut Vec<Problem>) {
    let hook = hook_config(config);
    let scheme = hook
        .get("scheme")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut fault = |name: &str, what: &str| {
        let field = path.iter().map(String::as_str).chain([name]);
        let message = format!("scheme `{scheme}` {what}");
        problems.push(Problem::new(field, ProblemCode::InvalidConfig, message));
    };
    match (scheme, has_secret(config)) {
        ("none", true) => fault(
            "secret",
            "has no use for a secret; choose another scheme, or remove the secret",
        ),
        ("none", false) => {}
        (_, true) => {}
        (_, false) => fault("secret", "needs a secret to check signatures with"),
    }
    if scheme == "hmac-sha256" && !hook.contains_key("header") {
        fault(
            "header",
            "needs the name of the header that carries the signature",
        );
    }
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
        let scheme = |config: Value| hook_config(config.as_object().unwrap())["scheme"].clone();
        assert_eq!(scheme(json!({})), "none");
        assert_eq!(scheme(json!({"secret": {"set": true}})), "standard");
        assert_eq!(
            scheme(json!({"secret": {"set": true}, "scheme": "github"})),
            "github"
        );
    }
}
