//! Configs to call a node with: those of its examples, or such as its schema allows.

use std::borrow::Cow;

use jackfield_plugin_abi::frame::encode;
use jackfield_plugin_abi::messages::{Call, CredentialSlot, Example, NODE_EXECUTE, NodeManifest};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

/// Most configs of one node.
const MOST: usize = 4;
/// How deep a config is made up.
const DEPTH: u32 = 6;

/// A config, what comes in with it, and the settings of the connected app.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    config: Value,
    input: Value,
    settings: Value,
}

/// Configs for a node that its own schema finds valid; none when no such can be made up.
pub(super) fn samples(node: &NodeManifest) -> Vec<Sample> {
    let schema = &node.config_schema;
    let valid = |config: &Value| {
        let validator = jsonschema::draft202012::new(schema);
        validator.is_ok_and(|validator| validator.is_valid(config))
    };
    let of_examples = node.examples.iter().map(Sample::of);
    let of_schema = schema.get("examples").and_then(Value::as_array);
    let of_schema = of_schema.into_iter().flatten().cloned().map(Sample::plain);
    let made_up = [false, true].map(|all| Sample::plain(make_up(schema, schema, all, DEPTH)));
    let mut found: Vec<Sample> = Vec::new();
    for sample in of_examples.chain(of_schema).chain(made_up) {
        let known = found.iter().any(|known| known.config == sample.config);
        if found.len() < MOST && !known && valid(&sample.config) {
            found.push(sample);
        }
    }
    found
}

impl Sample {
    pub(super) fn of(example: &Example) -> Self {
        Self {
            config: example.config.clone(),
            input: example.input.clone(),
            settings: example.settings.clone(),
        }
    }

    fn plain(config: Value) -> Self {
        Self {
            config,
            input: Value::Object(Map::new()),
            settings: Value::Null,
        }
    }

    pub(super) fn into_config(self) -> Value {
        self.config
    }

    /// The frame of a call of a node with this config.
    pub(super) fn call(&self, node: &NodeManifest) -> Vec<u8> {
        framed((&self.config, &self.input), &self.settings, |call| {
            call.node = Cow::Owned(node.node_type.clone());
            call.credentials = slots(node.provider.as_deref());
        })
    }
}

/// The slot of a connected app.
pub(super) fn slots(provider: Option<&str>) -> Vec<CredentialSlot<'static>> {
    let slot = |provider: &str| CredentialSlot {
        slot: CredentialSlot::DEFAULT.into(),
        provider: Cow::Owned(provider.to_owned()),
        settings: None,
    };
    provider.map(slot).into_iter().collect()
}

/// The frame of a call, changed as needed.
pub(super) fn call_of(
    config: &Value,
    input: &Value,
    change: impl for<'a> FnOnce(&mut Call<'a>),
) -> Vec<u8> {
    framed((config, input), &Value::Null, change)
}

fn framed(
    (config, input): (&Value, &Value),
    settings: &Value,
    change: impl for<'a> FnOnce(&mut Call<'a>),
) -> Vec<u8> {
    let raw = |value: &Value| to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned());
    let (config, input) = (raw(config), raw(input));
    let settings = (!settings.is_null()).then(|| raw(settings));
    let mut call = Call {
        op: NODE_EXECUTE.into(),
        node: "".into(),
        provider: None,
        config: &config,
        input: &input,
        credentials: Vec::new(),
        attempt: 1,
        idempotency_key: "step_01J00000000000000000000000".into(),
        timeout_ms: Some(30_000),
        run: None,
    };
    change(&mut call);
    for slot in &mut call.credentials {
        slot.settings = settings.as_deref();
    }
    encode(&call, &[]).unwrap_or_default()
}

/// A value that a schema allows, mostly: with its required members only, or with all.
pub(super) fn make_up(schema: &Value, root: &Value, all: bool, depth: u32) -> Value {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|path| root.pointer(path));
        return match (target, depth) {
            (Some(target), 1..) => make_up(target, root, all, depth - 1),
            _ => Value::Null,
        };
    }
    let first = |member: &str| schema.get(member).and_then(|list| list.get(0));
    let given = schema.get("const").or(schema.get("default"));
    let given = given
        .or_else(|| first("examples"))
        .or_else(|| first("enum"));
    if let Some(given) = given.filter(|given| !(all && given.is_null())) {
        return given.clone();
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choice) = first(choice)
            && depth > 0
        {
            let mut value = make_up(choice, root, all, depth - 1);
            if schema.get("properties").is_some() {
                merge(&mut value, object(schema, root, all, depth));
            }
            return value;
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None => schema.get("properties").map(|_| "object"),
    };
    match kind {
        Some("object") => {
            let mut value = object(schema, root, all, depth);
            for part in schema
                .get("allOf")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                merge(
                    &mut value,
                    make_up(part, root, all, depth.saturating_sub(1)),
                );
            }
            value
        }
        Some("array") => array(schema, root, all, depth),
        Some("string") => Value::String(text(schema)),
        Some("integer") => bounded(schema, true),
        Some("number") => bounded(schema, false),
        Some("boolean") => Value::Bool(true),
        Some("null") => Value::Null,
        _ => Value::Object(Map::new()),
    }
}

fn object(schema: &Value, root: &Value, all: bool, depth: u32) -> Value {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut made = Map::new();
    for (name, property) in properties.into_iter().flatten() {
        if depth > 0 && (all || required.contains(&name.as_str())) {
            made.insert(name.clone(), make_up(property, root, all, depth - 1));
        }
    }
    Value::Object(made)
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn array(schema: &Value, root: &Value, all: bool, depth: u32) -> Value {
    let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
    let count = least.max(u64::from(all)).min(16);
    let items = schema.get("items").filter(|_| depth > 0);
    let item = items.map_or(Value::Null, |items| make_up(items, root, all, depth - 1));
    (0..count).map(|_| item.clone()).collect()
}

fn text(schema: &Value) -> String {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("uri" | "url" | "iri") => "https://api.example.com/v1/things",
        Some("email" | "idn-email") => "ada@example.com",
        Some("date-time") => "2026-01-02T03:04:05Z",
        Some("date") => "2026-01-02",
        Some("time") => "03:04:05Z",
        Some("duration") => "PT1M",
        Some("uuid") => "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        Some("hostname") => "api.example.com",
        Some("ipv4") => "192.0.2.1",
        _ => "check",
    };
    let size = |member: &str| schema.get(member).and_then(Value::as_u64);
    let least = size("minLength").and_then(|least| usize::try_from(least).ok());
    let most = size("maxLength").and_then(|most| usize::try_from(most).ok());
    let mut text = text.to_owned();
    while text.len() < least.unwrap_or(0).min(4096) {
        text.push('x');
    }
    text.truncate(most.unwrap_or(usize::MAX));
    text
}

fn bounded(schema: &Value, whole: bool) -> Value {
    let bound = |member: &str| schema.get(member).and_then(Value::as_f64);
    let least = bound("minimum").or(bound("exclusiveMinimum").map(|bound| bound + 1.0));
    let most = bound("maximum").or(bound("exclusiveMaximum").map(|bound| bound - 1.0));
    let mut number = least.unwrap_or(1.0).max(1.0_f64.min(most.unwrap_or(1.0)));
    if let Some(step) = bound("multipleOf") {
        number = (number / step).ceil() * step;
    }
    match whole {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and is checked against the schema"
        )]
        true => Value::from(number as i64),
        false => Value::from(number),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_abi::frame::{Caps, Frame};
    use serde_json::json;

    use super::*;

    fn configs(schema: Value) -> String {
        let node = NodeManifest {
            config_schema: schema.into(),
            ..NodeManifest::default()
        };
        let configs: Vec<_> = samples(&node)
            .into_iter()
            .map(|sample| sample.config)
            .collect();
        Value::Array(configs).to_string()
    }

    #[test]
    fn configs_are_made_up_from_the_schema() {
        let made = configs(json!({"type": "object", "required": ["to"], "properties": {
            "to": {"type": "string", "format": "email"},
            "count": {"type": "integer", "minimum": 3},
            "kind": {"enum": ["a", "b"]},
            "tags": {"type": "array", "items": {"$ref": "#/$defs/Tag"}}},
            "$defs": {"Tag": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 8}}}}}));
        insta::assert_snapshot!(made, @r#"[{"to":"ada@example.com"},{"to":"ada@example.com","count":3,"kind":"a","tags":[{"name":"checkxxx"}]}]"#);
    }

    #[test]
    fn an_example_is_called_with_its_settings() {
        let told = |settings: Value| {
            let example = Example {
                config: json!({}),
                settings,
                ..Example::default()
            };
            let node = NodeManifest {
                provider: Some("quickbooks".to_owned()),
                ..NodeManifest::default()
            };
            let bytes = Sample::of(&example).call(&node);
            let frame = Frame::decode(&bytes, Caps::default()).unwrap();
            let call: Call<'_> = frame.parse().unwrap();
            call.credentials[0].settings.map(ToString::to_string)
        };
        let settings = json!({"realmId": "4711"});
        assert_eq!(told(settings.clone()), Some(settings.to_string()));
        assert_eq!(told(Value::Null), None);
    }

    #[test]
    fn what_the_schema_refuses_is_not_used() {
        let pattern = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "pattern": "^[0-9]{40}$"}}});
        insta::assert_snapshot!(configs(pattern), @"[]");
    }
}
