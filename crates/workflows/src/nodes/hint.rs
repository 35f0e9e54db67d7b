//! What the hints in a config's schema (`x-jackfield`) say that the server itself puts in.

use jackfield_storage::message_template::MessageChannel;
use serde_json::{Map, Value};

/// The members of a message that take the place of absent members of the same name.
const TEXTS: [&str; 3] = ["subject", "htmlBody", "textBody"];

/// The members of a config that do not reach the plugin as people write them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Hints {
    /// Those that stand for resources of the connected app.
    pub resources: Vec<ResourceMember>,
    /// Those that stand for message templates.
    pub messages: Vec<MessageMember>,
}

/// A member of a config that stands for a resource of the connected app.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceMember {
    /// Its name.
    pub name: String,
    /// The type of the resources that it takes.
    pub resource_type: String,
    /// The value of the member `operation` with which it is there, of a node with several operations.
    pub operation: Option<String>,
}

/// A member of a config that stands for a message template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageMember {
    /// Its name.
    pub name: String,
    /// The channel of the templates that it takes.
    pub channel: MessageChannel,
    /// The members beside it that are taken from the message where they are absent.
    pub fills: Vec<&'static str>,
    /// The value of the member `operation` with which it is there, of a node with several operations.
    pub operation: Option<String>,
}

impl Hints {
    /// What a config's schema says; a node with several operations has members of each in a branch.
    pub(super) fn of(schema: &Value) -> Hints {
        let mut hints = Hints::default();
        hints.gather(schema, None);
        hints.resources.sort();
        hints.resources.dedup();
        hints
    }

    fn gather(&mut self, schema: &Value, operation: Option<&str>) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                self.note(name, property, properties, operation);
            }
        }
        for branches in ["allOf", "anyOf", "oneOf"] {
            let branches = schema.get(branches).and_then(Value::as_array);
            for branch in branches.into_iter().flatten() {
                self.gather(branch, operation);
            }
        }
        if let Some(then) = schema.get("then") {
            let chosen = &schema["if"]["properties"]["operation"]["const"];
            self.gather(then, chosen.as_str().or(operation));
        }
    }

    fn note(
        &mut self,
        name: &str,
        property: &Value,
        beside: &Map<String, Value>,
        operation: Option<&str>,
    ) {
        let hints = &property["x-jackfield"];
        if let Some(kind) = hints["resource"].as_str() {
            self.resources.push(ResourceMember {
                name: name.to_owned(),
                resource_type: kind.to_owned(),
                operation: operation.map(str::to_owned),
            });
        }
        let channel = hints["messageTemplate"].as_str();
        if let Some(channel) = channel.and_then(MessageChannel::in_manifest) {
            let fills = TEXTS.into_iter().filter(|text| beside.contains_key(*text));
            self.messages.push(MessageMember {
                name: name.to_owned(),
                channel,
                fills: fills.collect(),
                operation: operation.map(str::to_owned),
            });
        }
    }

    /// Those members for resources that the config's operation has, by their names, with their resource types.
    pub fn resources_in(&self, config: &Map<String, Value>) -> Vec<(String, String)> {
        let here = self.resources.iter().filter(|member| {
            let operation = member.operation.as_deref();
            operation.is_none() || config.get("operation").and_then(Value::as_str) == operation
        });
        here.map(|member| (member.name.clone(), member.resource_type.clone()))
            .collect()
    }

    /// Those of its message templates that a config has a value for.
    pub fn messages_in<'h>(
        &'h self,
        config: &'h Map<String, Value>,
    ) -> impl Iterator<Item = (&'h MessageMember, &'h Value)> {
        self.messages.iter().filter_map(|member| {
            let operation = member.operation.as_deref();
            let is_chosen = operation.is_none() || config.get("operation")?.as_str() == operation;
            let value = config.get(&member.name).filter(|value| !value.is_null())?;
            is_chosen.then_some((member, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_belong_to_their_operations() {
        let from = json!({"type": "string", "x-jackfield": {"resource": "sender_email"}});
        let send = json!({
            "if": {"properties": {"operation": {"const": "send"}}},
            "then": {"properties": {"from": from, "to": {"type": "string"}}},
        });
        let call = json!({"oneOf": [{"properties": {"number": {"x-jackfield": {"resource": "phone_number"}}}}]});
        let hints = Hints::of(&json!({"properties": {"operation": {}}, "allOf": [send, call]}));

        let found = |operation: &str| {
            let config = json!({"operation": operation});
            hints.resources_in(config.as_object().unwrap())
        };
        let pair = |member: &str, kind: &str| (member.to_owned(), kind.to_owned());
        assert_eq!(
            found("send"),
            [pair("from", "sender_email"), pair("number", "phone_number")]
        );
        assert_eq!(found("stats"), [pair("number", "phone_number")]);
    }

    #[test]
    fn a_message_belongs_to_its_operation_and_fills_what_is_beside_it() {
        let mail = json!({"if": {"properties": {"operation": {"const": "send"}}}, "then": {"properties": {
            "template": {"x-jackfield": {"messageTemplate": "email"}}, "subject": {}, "htmlBody": {}, "to": {},
        }}});
        let unknown =
            json!({"properties": {"letter": {"x-jackfield": {"messageTemplate": "post"}}}});
        let hints = Hints::of(&json!({"allOf": [mail, unknown]}));
        assert_eq!(
            hints.messages,
            [MessageMember {
                name: "template".to_owned(),
                channel: MessageChannel::Email,
                fills: vec!["subject", "htmlBody"],
                operation: Some("send".to_owned()),
            }]
        );
        let found = |config: Value| hints.messages_in(config.as_object().unwrap()).count();
        assert_eq!(found(json!({"operation": "send", "template": "tpl_1"})), 1);
        assert_eq!(found(json!({"operation": "list", "template": "tpl_1"})), 0);
        assert_eq!(found(json!({"operation": "send", "template": null})), 0);
    }
}
