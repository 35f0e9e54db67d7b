//! Documents that are made of the schema: a list with all that stands in relation to what is in it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jackfield_tests::Client;
use serde_json::Value;

/// What the schema says of itself.
pub struct Schema(BTreeMap<String, Vec<Field>>);

struct Field {
    name: String,
    /// The name of its type, without what makes it a list or not null.
    of: String,
    /// Whether it can be left without arguments.
    bare: bool,
    /// Whether nothing can be selected of it.
    is_value: bool,
}

impl Schema {
    /// Asks the server for it.
    pub async fn read(client: &Client) -> Result<Self> {
        let of = "name kind ofType { name kind ofType { name kind ofType { name kind } } }";
        let document = format!(
            "{{ __schema {{ types {{ kind name fields {{ name type {{ {of} }} args {{ defaultValue type {{ kind }} }} }} }} }} }}"
        );
        let data = client.data(&document).await?;
        let types = data["__schema"]["types"].as_array().context("types")?;
        let objects = types.iter().filter(|kind| kind["kind"] == "OBJECT");
        let objects = objects.map(|kind| {
            let fields = kind["fields"].as_array().into_iter().flatten();
            (text(&kind["name"]), fields.map(Field::read).collect())
        });
        Ok(Self(objects.collect()))
    }

    /// The lists that queries have.
    pub fn lists(&self) -> Vec<String> {
        let fields = self.0["Query"].iter();
        let lists = fields.filter(|field| field.bare && self.listed(&field.of).is_some());
        lists.map(|field| field.name.clone()).collect()
    }

    /// A document that shows so many rows of a list and what they relate to, over so many levels.
    pub fn document(&self, list: &str, rows: usize, levels: usize) -> String {
        let field = self.0["Query"].iter().find(|field| field.name == list);
        let listed = field.and_then(|field| self.listed(&field.of));
        let shown = listed.map_or_else(String::new, |of| self.selection(of, levels));
        format!("{{ {list}(first: {rows}) {{ totalCount nodes {{ {shown} }} }} }}")
    }

    /// All that a type has: values at once, things with what they have in turn.
    fn selection(&self, of: &str, levels: usize) -> String {
        let mut selection = vec!["__typename".to_owned()];
        for field in self.0[of].iter().filter(|field| field.bare) {
            let name = &field.name;
            if let Some(listed) = self.listed(&field.of) {
                if levels > 0 {
                    let shown = self.selection(listed, levels - 1);
                    selection.push(format!(
                        "{name}(first: 2) {{ totalCount nodes {{ {shown} }} }}"
                    ));
                }
            } else if self.0.contains_key(&field.of) {
                if levels > 0 {
                    let shown = self.selection(&field.of, levels - 1);
                    selection.push(format!("{name} {{ {shown} }}"));
                }
            } else if field.is_value {
                selection.push(name.clone());
            }
        }
        selection.join(" ")
    }

    /// What a page of a list has.
    fn listed<'a>(&'a self, of: &'a str) -> Option<&'a str> {
        of.strip_suffix("Connection")
            .filter(|listed| self.0.contains_key(*listed))
    }
}

impl Field {
    fn read(field: &Value) -> Self {
        let mut of = &field["type"];
        while !of["ofType"].is_null() {
            of = &of["ofType"];
        }
        let args = field["args"].as_array().into_iter().flatten();
        let mut needed =
            args.filter(|arg| arg["type"]["kind"] == "NON_NULL" && arg["defaultValue"].is_null());
        Self {
            name: text(&field["name"]),
            of: text(&of["name"]),
            bare: needed.next().is_none(),
            is_value: of["kind"] == "SCALAR" || of["kind"] == "ENUM",
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
