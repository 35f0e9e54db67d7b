use jackfield_storage::connected_app::ConnectedApp;
use serde_json::{Map, Value, json};

use super::{FORMAT, Format, WorkflowFile};
use crate::definition::{DATA_IN, DATA_OUT, Document, EdgeDocument, NodeDocument};

impl WorkflowFile {
    /// The text of the file, with a line break at its end.
    ///
    /// # Errors
    ///
    /// When the definition holds what the format cannot; the error is a sentence.
    pub fn write(&self, format: Format) -> Result<String, String> {
        let mut members = Map::new();
        members.insert("jackfield".to_owned(), FORMAT.into());
        members.insert("name".to_owned(), self.name.as_str().into());
        if let Value::Object(definition) = &self.definition {
            members.extend(definition.clone());
        }
        let text = match format {
            Format::Yaml => serde_saphyr::to_string(&members).map_err(|error| error.to_string())?,
            Format::Json => {
                serde_json::to_string_pretty(&members).map_err(|error| error.to_string())?
            }
        };
        Ok(format!("{}\n", text.trim_end()))
    }
}

/// The definition with its members in the one order, without what holds anyway, and with names of apps.
pub(super) fn definition(document: &Document, apps: &[ConnectedApp]) -> Value {
    let nodes: Vec<_> = document
        .nodes
        .iter()
        .map(|written| node(written, apps))
        .collect();
    let edges: Vec<_> = document.edges.iter().map(edge).collect();
    let mut definition = json!({"nodes": nodes, "edges": edges});
    let settings = document
        .settings
        .as_ref()
        .and_then(|settings| serde_json::to_value(settings).ok());
    if let Some(settings) = settings.filter(|settings| *settings != json!({})) {
        definition["settings"] = settings;
    }
    definition
}

fn node(node: &NodeDocument, apps: &[ConnectedApp]) -> Value {
    let Ok(Value::Object(mut members)) = serde_json::to_value(node) else {
        return Value::Null;
    };
    if node.config.is_empty() {
        members.shift_remove("config");
    }
    let app = node
        .connected_app_id
        .as_ref()
        .and_then(|id| apps.iter().find(|app| app.id.to_string() == *id));
    let members = members
        .into_iter()
        .filter_map(|(name, value)| match name.as_str() {
            "connectedAppId" => Some(("connectedApp".to_owned(), app?.name.as_str().into())),
            "position" => Some((name, position(node)?)),
            _ => Some((name, value)),
        });
    Value::Object(members.collect())
}

/// Whole numbers without a fraction, as an editor writes them.
fn position(node: &NodeDocument) -> Option<Value> {
    let position = node.position?;
    let number = |number: f64| match number.fract() == 0.0 && number.abs() < 1e15 {
        true => Value::from(number as i64),
        false => Value::from(number),
    };
    Some(json!({"x": number(position.x), "y": number(position.y)}))
}

fn edge(edge: &EdgeDocument) -> Value {
    let mut members = Map::new();
    members.insert("from".to_owned(), edge.from.as_str().into());
    if edge.from_port != DATA_OUT {
        members.insert("fromPort".to_owned(), edge.from_port.as_str().into());
    }
    members.insert("to".to_owned(), edge.to.as_str().into());
    if edge.to_port != DATA_IN {
        members.insert("toPort".to_owned(), edge.to_port.as_str().into());
    }
    Value::Object(members)
}
