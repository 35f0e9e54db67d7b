//! JSON Schemas that somebody else wrote, as what the data of events is held to.

use jackfield_storage::{Json, Problem, ProblemCode};
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// The largest schema and the largest example, in bytes.
pub(super) const LARGEST: usize = 64 * 1024;

/// How many faults of one event are told.
const MOST_FAULTS: usize = 20;

/// Compiles a schema, 2020-12 unless its `$schema` says otherwise.
///
/// It comes from a caller, so nothing is fetched for a `$ref`, patterns are matched in linear time, and references that
/// lead back to themselves without going down into the data are refused, since following them would never end.
///
/// # Errors
///
/// With what is wrong, as the end of a sentence.
pub(super) fn compile(schema: &Value) -> Result<Validator, String> {
    if let Some(cycle) = cycle(schema) {
        return Err(format!(
            "`$ref` {cycle} leads back to itself without going down into the data"
        ));
    }
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(false)
        .offline()
        .build(schema)
        .map_err(|error| error.masked().to_string())
}

/// What keeps `data` from matching, each with its place below `path`; the first 20.
pub(super) fn faults(validator: &Validator, data: &Value, path: &str) -> Vec<Problem> {
    let faults = validator.iter_errors(data).take(MOST_FAULTS);
    faults.map(|error| fault(&error, path)).collect()
}

/// The value itself stays out of the message: it may be long, or a secret.
fn fault(error: &ValidationError<'_>, path: &str) -> Problem {
    let pointer = error.instance_path().as_str();
    let parts = pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"));
    Problem::new(
        std::iter::once(path.to_owned()).chain(parts),
        ProblemCode::SchemaMismatch,
        error.masked().to_string(),
    )
}

/// The schema, compiled, or the problem that it has.
pub(super) fn check(schema: &Json) -> Result<Validator, Problem> {
    if schema.as_str().len() > LARGEST {
        return Err(too_large("schema"));
    }
    let value = schema.value();
    if !value.is_object() && !value.is_boolean() {
        return Err(invalid("a JSON Schema is an object".to_owned()));
    }
    compile(&value).map_err(|reason| invalid(format!("this schema cannot be used: {reason}")))
}

fn invalid(message: String) -> Problem {
    Problem::new(["schema"], ProblemCode::InvalidSchema, message)
}

pub(super) fn too_large(field: &str) -> Problem {
    let message = format!("this is larger than {LARGEST} bytes");
    Problem::new([field], ProblemCode::TooLarge, message)
}

/// A local reference that is reached again on the same instance.
fn cycle(root: &Value) -> Option<String> {
    let mut safe = std::collections::HashSet::new();
    let mut path = Vec::new();
    let mut all = vec![root];
    while let Some(schema) = all.pop() {
        if let Some(found) = leads_back(root, schema, &mut path, &mut safe) {
            return Some(found);
        }
        match schema {
            Value::Object(members) => all.extend(members.values()),
            Value::Array(items) => all.extend(items),
            _ => {}
        }
    }
    None
}

fn leads_back<'a>(
    root: &'a Value,
    schema: &'a Value,
    path: &mut Vec<&'a str>,
    safe: &mut std::collections::HashSet<&'a str>,
) -> Option<String> {
    for reference in ["$ref", "$dynamicRef"] {
        let Some(target) = schema.get(reference).and_then(Value::as_str) else {
            continue;
        };
        if path.contains(&target) {
            return Some(target.to_owned());
        }
        let Some(found) = target.strip_prefix('#').and_then(|at| root.pointer(at)) else {
            continue;
        };
        if !safe.contains(target) {
            path.push(target);
            let cycle = leads_back(root, found, path, safe);
            path.pop();
            if cycle.is_some() {
                return cycle;
            }
            safe.insert(target);
        }
    }
    same_instance(schema).find_map(|part| leads_back(root, part, path, safe))
}

/// The schemas that `schema` applies to the very instance that it is applied to.
fn same_instance(schema: &Value) -> impl Iterator<Item = &Value> {
    let single = ["not", "if", "then", "else"].into_iter();
    let lists = ["allOf", "anyOf", "oneOf"].into_iter();
    let maps = ["dependentSchemas"].into_iter();
    let single = single.filter_map(|keyword| schema.get(keyword));
    let lists = lists.filter_map(|keyword| schema.get(keyword)?.as_array());
    let maps = maps.filter_map(|keyword| schema.get(keyword)?.as_object());
    single
        .chain(lists.flatten())
        .chain(maps.flat_map(|members| members.values()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_used_is_refused() {
        for schema in [
            json!("string"),
            json!({"type": "strng"}),
            json!({"pattern": "("}),
            json!({"pattern": "(a)\\1"}),
            json!({"$ref": "https://example.com/schema.json"}),
            json!({"$ref": "#"}),
            json!({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}}),
        ] {
            let problem = check(&schema.clone().into()).err();
            let code = problem.map(|problem| problem.code);
            assert_eq!(code, Some(ProblemCode::InvalidSchema), "{schema}");
        }
        let large = check(&json!({"title": "x".repeat(LARGEST)}).into()).err();
        assert_eq!(large, Some(too_large("schema")));
    }

    #[test]
    fn a_reference_back_may_go_down_into_the_data() {
        let tree = json!({
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
        });
        let validator = check(&tree.into()).unwrap();
        let data = json!({"children": [{"children": [7]}]});
        let faults = faults(&validator, &data, "data");
        let places: Vec<_> = faults.iter().map(|fault| fault.field.join(".")).collect();
        assert_eq!(places, ["data.children.0.children.0"]);
    }
}
