//! The schema as introspection tells it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jackfield_tests::Client;
use serde_json::Value;

const INTROSPECTION: &str = "{ __schema { types { name kind
    fields(includeDeprecated: true) { name args { name defaultValue type { ...T } } type { ...T } }
    inputFields { name defaultValue type { ...T } }
    enumValues(includeDeprecated: true) { name }
} } } fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

pub struct Schema {
    types: BTreeMap<String, Value>,
}

/// A field of an object type, or of one that is put in.
#[derive(Clone)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub arguments: Vec<Field>,
    /// Whether it has to be given.
    pub required: bool,
}

/// What a field is.
#[derive(Clone)]
pub struct Kind {
    /// The type at the bottom.
    pub name: String,
    pub is_list: bool,
    /// As it stands in a document.
    pub text: String,
}

impl Schema {
    pub async fn read(client: &Client) -> Result<Self> {
        let data = client.data(INTROSPECTION).await?;
        let types = data["__schema"]["types"].as_array().context("types")?;
        let named = |kind: &Value| Some((kind["name"].as_str()?.to_owned(), kind.clone()));
        Ok(Self {
            types: types.iter().filter_map(named).collect(),
        })
    }

    /// What there is of a root type.
    pub fn root(&self, name: &str) -> Vec<Field> {
        self.fields(name, "fields")
    }

    /// What a type has that is put in; nothing for others.
    pub fn inputs(&self, name: &str) -> Vec<Field> {
        self.fields(name, "inputFields")
    }

    /// The types that come out, but for the roots.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        let names = self.types.iter();
        names
            .filter(|(name, kind)| {
                let root = ["Query", "Mutation", "Subscription"].contains(&name.as_str());
                kind["kind"] == "OBJECT" && !name.starts_with("__") && !root
            })
            .map(|(name, _)| name.as_str())
    }

    pub fn is_leaf(&self, name: &str) -> bool {
        let kind = self.types.get(name).map(|kind| &kind["kind"]);
        kind.is_some_and(|kind| kind == "SCALAR" || kind == "ENUM")
    }

    pub fn is_object(&self, name: &str) -> bool {
        self.types
            .get(name)
            .is_some_and(|kind| kind["kind"] == "OBJECT")
    }

    /// The first value of an enumeration.
    pub fn first_value(&self, name: &str) -> Option<&Value> {
        self.types.get(name)?["enumValues"]
            .get(0)
            .map(|value| &value["name"])
    }

    /// What to select of a type: all that is written down in it, two levels deep.
    pub fn selection(&self, name: &str, depth: u32) -> String {
        if !self.is_object(name) {
            return "__typename".to_owned();
        }
        let mut parts = vec!["__typename".to_owned()];
        for field in self.root(name) {
            if field.arguments.iter().any(|argument| argument.required) {
                continue;
            }
            if self.is_leaf(&field.kind.name) {
                parts.push(field.name);
            } else if depth > 0 {
                let below = self.selection(&field.kind.name, depth - 1);
                parts.push(format!("{} {{ {below} }}", field.name));
            }
        }
        parts.join(" ")
    }

    fn fields(&self, name: &str, which: &str) -> Vec<Field> {
        let fields = self.types.get(name).and_then(|kind| kind[which].as_array());
        fields.into_iter().flatten().map(field).collect()
    }
}

fn field(value: &Value) -> Field {
    let arguments = value["args"].as_array();
    Field {
        name: value["name"].as_str().unwrap_or_default().to_owned(),
        kind: kind(&value["type"]),
        arguments: arguments.into_iter().flatten().map(field).collect(),
        required: value["type"]["kind"] == "NON_NULL" && value["defaultValue"].is_null(),
    }
}

fn kind(value: &Value) -> Kind {
    let inner = || kind(&value["ofType"]);
    match value["kind"].as_str() {
        Some("NON_NULL") => {
            let inner = inner();
            Kind {
                text: format!("{}!", inner.text),
                ..inner
            }
        }
        Some("LIST") => {
            let inner = inner();
            Kind {
                text: format!("[{}]", inner.text),
                is_list: true,
                ..inner
            }
        }
        _ => {
            let name = value["name"].as_str().unwrap_or_default().to_owned();
            Kind {
                text: name.clone(),
                is_list: false,
                name,
            }
        }
    }
}
