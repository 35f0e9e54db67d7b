//! `event`: an event of the log starts a run.

use jackfield_storage::Json;
use jackfield_storage::ids::ConnectedAppId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{NodeType, Trigger};

/// The config, as it is kept with the trigger of a published version.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    /// Names, or the beginnings of names before a `*`.
    pub types: Vec<String>,
    /// An expression over `trigger`.
    pub filter: Option<Value>,
    /// Who has to have said so; anybody when absent.
    pub source: Option<String>,
    /// The app at whose hook the event has to have come; any when absent.
    #[serde(rename = "connectedAppId")]
    pub app: Option<ConnectedAppId>,
}

/// The config of a trigger whose node names an app.
pub(crate) fn with_app(config: Json, app: Option<ConnectedAppId>) -> Json {
    let (Some(app), Value::Object(mut members)) = (app, config.value()) else {
        return config;
    };
    members.insert("connectedAppId".to_owned(), app.to_string().into());
    Json::from(Value::Object(members))
}

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Starts a run for each event of these types, whoever published it or sent it to a webhook; with a connected \
                      app only for those that came to that app's webhook."
            .to_owned(),
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["types"],
            "properties": {
                "types": {
                    "type": "array", "minItems": 1, "maxItems": 100, "title": "Types",
                    "description": "Names of event types. A `*` at the end stands for anything: `invoice.*`, or `*` for every event.",
                    "items": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^\\s*{}]*\\*?$"},
                },
                "source": {
                    "type": "string", "minLength": 1, "maxLength": 100, "title": "Source",
                    "description": "Only events of this source: a provider, such as `stripe`, or `api` for what was published.",
                },
                "filter": {
                    "type": "string", "title": "Filter", "x-jackfield": {"widget": "expression"},
                    "description": "An expression over `trigger`, such as `{{ trigger.body.amount > 100 }}`. Only events for which it is true start a run.",
                },
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "body": {"description": "The event's data."},
                "headers": {"type": "object"}, "query": {"type": "object"}, "event": {"type": "object"},
            },
        }).into()),
        ..NodeType::trigger("event", "Event", "zap", Trigger::Event)
    }
}

impl Config {
    /// Reads the config of a trigger.
    pub fn read(json: &Json) -> Result<Self, serde_json::Error> {
        json.parse()
    }
}
