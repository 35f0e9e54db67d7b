//! A call of one field of a root, made of the schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::schema::{Field, Schema};

/// Where an id goes: the names on the way from the arguments of a field to it.
pub type Path = Vec<String>;

/// How a call fills what it has to give.
pub struct Filler<'a> {
    pub schema: &'a Schema,
    /// Ids of the caller's own, by their prefixes.
    pub own: &'a BTreeMap<String, String>,
}

impl Filler<'_> {
    /// Where the arguments of a field take ids.
    pub fn id_paths(&self, field: &Field) -> Vec<Path> {
        let mut found = Vec::new();
        for argument in &field.arguments {
            self.search(argument, &mut Vec::new(), &mut found);
        }
        found
    }

    fn search(&self, field: &Field, way: &mut Path, found: &mut Vec<Path>) {
        if way.contains(&field.name) {
            return;
        }
        way.push(field.name.clone());
        if field.kind.name == "ID" {
            found.push(way.clone());
        }
        for inner in self.schema.inputs(&field.kind.name) {
            self.search(&inner, way, found);
        }
        way.pop();
    }

    /// The least arguments of a field, with `id` at `path`.
    pub fn arguments(&self, field: &Field, path: &[String], id: &Value) -> Map<String, Value> {
        let arguments = field.arguments.iter();
        arguments
            .filter_map(|argument| {
                let value = self.value(&field.name, argument, path, id)?;
                Some((argument.name.clone(), value))
            })
            .collect()
    }

    fn value(&self, root: &str, field: &Field, path: &[String], id: &Value) -> Option<Value> {
        let (on_way, rest) = match path.split_first() {
            Some((first, rest)) if *first == field.name => (true, rest),
            _ => (false, &[][..]),
        };
        // Without these, nobody comes to look at what the id names.
        let wanted = match (root, field.name.as_str()) {
            ("testNode", "config") | ("previewMessageTemplate", "channel") => true,
            ("pinNode", "nodeKey" | "output") => path != ["stepId"],
            _ => false,
        };
        if !on_way && !field.required && !wanted {
            return None;
        }
        let value = if on_way && rest.is_empty() {
            id.clone()
        } else {
            self.sample(root, field, rest, id)
        };
        Some(match field.kind.is_list {
            // Whoever checks a definition wants a trigger before it looks any further.
            true if field.kind.name == "DefinitionNodeInput" => {
                json!([value, {"key": "start", "type": "manual"}])
            }
            true => json!([value]),
            false => value,
        })
    }

    fn sample(&self, root: &str, field: &Field, path: &[String], id: &Value) -> Value {
        let own = || {
            let prefixes = super::kinds::prefixes(root, &field.name);
            let prefix = prefixes.and_then(|prefixes| prefixes.first());
            let own = prefix.and_then(|prefix| self.own.get(*prefix));
            json!(own.map_or("none", String::as_str))
        };
        match field.kind.name.as_str() {
            "ID" => own(),
            "String" => json!(text(root, &field.name)),
            "Int" | "Float" => json!(1),
            "Boolean" => json!(true),
            "JSON" if field.name == "config" => {
                json!({"url": "https://example.com/", "method": "GET"})
            }
            "JSON" => json!({}),
            "URL" => json!("https://example.com/"),
            "DateTime" => json!("2026-01-01T00:00:00Z"),
            "Duration" => json!("PT1M"),
            name if self.schema.is_leaf(name) => {
                self.schema.first_value(name).cloned().unwrap_or_default()
            }
            name => {
                let inner = self.schema.inputs(name).into_iter();
                let inner = inner.filter_map(|field| {
                    let value = self.value(root, &field, path, id)?;
                    Some((field.name, value))
                });
                let mut value: Map<_, _> = inner.collect();
                if name == "DefinitionNodeInput" {
                    let config = json!({"url": "https://example.com/", "method": "GET"});
                    value.insert("config".to_owned(), config);
                }
                if name == "WorkflowDefinitionInput" {
                    value.insert("edges".to_owned(), json!([{"from": "start", "to": "x"}]));
                }
                Value::Object(value)
            }
        }
    }

    /// The document that calls a field of a root.
    pub fn document(&self, root: &str, field: &Field, depth: u32) -> String {
        let (mut declared, mut passed) = (Vec::new(), Vec::new());
        for argument in &field.arguments {
            declared.push(format!("${}: {}", argument.name, argument.kind.text));
            passed.push(format!("{0}: ${0}", argument.name));
        }
        let list = |parts: Vec<String>| match parts.is_empty() {
            true => String::new(),
            false => format!("({})", parts.join(", ")),
        };
        let selection = match self.schema.is_leaf(&field.kind.name) {
            true => String::new(),
            false => format!("{{ {} }}", self.schema.selection(&field.kind.name, depth)),
        };
        format!(
            "{}{} {{ {}{} {selection} }}",
            root.to_lowercase(),
            list(declared),
            field.name,
            list(passed)
        )
    }
}

/// A text that comes as far as the id beside it.
fn text(root: &str, field: &str) -> &'static str {
    match (root, field) {
        (_, "type") => "api-endpoint",
        (_, "provider") => "http",
        ("signIn", "email") => "b@example.com",
        ("signIn", "password") => jackfield_tests::SignedIn::PASSWORD,
        ("pinNode", "nodeKey") => "start",
        _ => "x",
    }
}
