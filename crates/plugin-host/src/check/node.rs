use jackfield_plugin_abi::messages::NodeManifest;
use serde_json::{Value, json};

use super::catalogue::{CONFIG_EXAMPLES, CONFIG_SECRETS, DESCRIPTIONS, OUTPUT_SCHEMA, SCHEMA};
use super::report::Verdict::{self, Fail, Pass, Skip, Warn};
use super::suite::Suite;

/// How deep schemas are looked through.
const DEPTH: u32 = 16;

/// What a node says about its config and output.
pub(super) fn check(suite: &mut Suite<'_>, node: &NodeManifest) {
    let name = &node.node_type;
    let verdict = schema(&node.config_schema);
    let is_valid = matches!(verdict, Pass(_));
    suite.note(&SCHEMA, name, verdict);
    if is_valid {
        suite.note(&DESCRIPTIONS, name, descriptions(&node.config_schema));
        suite.note(&CONFIG_EXAMPLES, name, examples(node));
        suite.note(&CONFIG_SECRETS, name, secrets(&node.config_schema));
    }
    let verdict = match &node.output_schema {
        None => Skip("it has no output schema".into()),
        Some(schema) => match invalid(schema) {
            Some(reason) => Fail(reason),
            None => Pass("valid".into()),
        },
    };
    suite.note(&OUTPUT_SCHEMA, name, verdict);
}

/// What is wrong with a schema.
pub(super) fn invalid(schema: &Value) -> Option<String> {
    if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
        return Some(format!(
            "at {:?}: {error}",
            error.instance_path().to_string()
        ));
    }
    let compiled = jsonschema::draft202012::new(schema);
    compiled.err().map(|error| error.to_string())
}

fn schema(schema: &Value) -> Verdict {
    if let Some(reason) = invalid(schema) {
        return Fail(reason);
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => Pass("valid".into()),
        _ => Fail("its type is not \"object\"".into()),
    }
}

fn descriptions(schema: &Value) -> Verdict {
    let mut missing = Vec::new();
    look(schema, "", DEPTH, &is_undescribed, &mut missing);
    match missing.is_empty() {
        true => Pass("every property is described".into()),
        false => Warn(format!("no description: {}", missing.join(", "))),
    }
}

fn is_undescribed(property: &Value) -> bool {
    let told = property.get("description").and_then(Value::as_str);
    // `true` lets a property pass that is described elsewhere.
    let is_described = property.is_boolean() || property.get("const").is_some();
    told.is_none_or(|told| told.trim().is_empty()) && !is_described
}

fn secrets(schema: &Value) -> Verdict {
    let mut secrets = Vec::new();
    look(schema, "", DEPTH, &is_secret, &mut secrets);
    match secrets.is_empty() {
        true => Pass("no property is a secret".into()),
        false => Warn(format!("writeOnly: {}", secrets.join(", "))),
    }
}

fn is_secret(property: &Value) -> bool {
    property.get("writeOnly") == Some(&Value::Bool(true))
}

/// Collects the paths of the properties that `wanted` picks.
fn look(
    schema: &Value,
    path: &str,
    depth: u32,
    wanted: &dyn Fn(&Value) -> bool,
    found: &mut Vec<String>,
) {
    if depth == 0 {
        return;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let path = format!("{path}{name}");
        if wanted(property) {
            found.push(path.clone());
        }
        look(property, &format!("{path}."), depth - 1, wanted, found);
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        let parts = schema.get(list).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            look(part, path, depth - 1, wanted, found);
        }
    }
    for part in ["then", "else", "items"] {
        if let Some(part) = schema.get(part) {
            look(part, path, depth - 1, wanted, found);
        }
    }
    let shared = schema.get("$defs").and_then(Value::as_object);
    for (name, part) in shared.into_iter().flatten() {
        look(part, &format!("{name}."), depth - 1, wanted, found);
    }
}

fn examples(node: &NodeManifest) -> Verdict {
    let schema = &node.config_schema;
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut look = |value: &Value, schema: &Value, of: String| {
        count += 1;
        if let Ok(validator) = jsonschema::draft202012::new(schema)
            && let Err(error) = validator.validate(value)
        {
            wrong.push(format!("{of}: {error}"));
        }
    };
    for example in &node.examples {
        let of = format!("the example {:?}", example.title);
        look(&example.config, schema, of);
    }
    let whole = schema.get("examples").and_then(Value::as_array);
    for (index, example) in whole.into_iter().flatten().enumerate() {
        look(example, schema, format!("examples[{index}]"));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let alone =
            json!({"$defs": schema.get("$defs").unwrap_or(&json!({})), "allOf": [property]});
        let examples = property.get("examples").and_then(Value::as_array);
        for example in examples.into_iter().flatten() {
            look(example, &alone, format!("an example of {name}"));
        }
        if let Some(default) = property.get("default") {
            look(default, &alone, format!("the default of {name}"));
        }
    }
    match (wrong.is_empty(), count) {
        (true, 0) => Warn("there are none".into()),
        (true, _) => Pass(format!("{count} are valid")),
        (false, _) => Fail(wrong.join("; ")),
    }
}
