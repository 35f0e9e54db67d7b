//! What `#[derive(Config)]` and several operations make of a config: its schema, and errors.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{schema_of, testing};

/// How a parcel travels.
#[derive(Config, Body)]
enum Speed {
    /// Tomorrow.
    NextDay,
    #[field(label = "Some day", name = "slow")]
    Whenever,
}

/// Sends a parcel.
#[derive(Config)]
struct Send {
    /// Where it goes.
    #[field(
        label = "Recipient",
        placeholder = "Ada",
        options = "people",
        resource = "person",
        depends_on(team_id),
        min_length = 1
    )]
    to: String,
    #[field(advanced, shown_when(to = ["Ada", "Bob"]))]
    team_id: Option<String>,
    #[field(default = 2, min = 1, max = 30)]
    weight_kg: u8,
    #[field(default = Speed::NextDay)]
    speed: Speed,
    #[field(secret)]
    door_code: Option<String>,
}

/// What all parcels have in common.
#[derive(Config, Body)]
struct Common {
    /// Who pays.
    #[field(min_length = 1)]
    payer: String,
    /// What is in it, by name.
    #[field(name = "contents", default, widget = "key-value")]
    parts: std::collections::BTreeMap<String, u32>,
}

/// Sends a letter.
#[derive(Config, Body)]
struct SendLetter {
    /// Where it goes.
    to: String,
    #[field(flatten)]
    common: Common,
    /// On top of it.
    #[field(default)]
    stamps: u8,
}

/// Looks where a parcel is.
#[derive(Config)]
struct Track {
    /// Of the parcel.
    number: u64,
}

impl Operation for Send {
    const NAME: &'static str = "send";
    type Output = Value;

    async fn run(self, _: Context) -> Result<Value> {
        Ok(json!([
            self.to,
            self.team_id,
            self.weight_kg,
            self.speed,
            self.door_code
        ]))
    }
}

impl Operation for SendLetter {
    const NAME: &'static str = "send_letter";
    type Output = Value;

    async fn run(self, _: Context) -> Result<Value> {
        Ok(json!(self))
    }
}

impl Operation for Track {
    const NAME: &'static str = "track";
    type Output = u64;

    async fn run(self, _: Context) -> Result<u64> {
        Ok(self.number)
    }
}

fn plugin() -> Plugin {
    let node = Operations::new("parcel", About::new("Parcel"))
        .operation::<Send>()
        .operation::<Track>()
        .operation::<SendLetter>();
    Plugin::new("parcel", "1.0.0").operations(node)
}

#[test]
fn attributes_and_comments_become_the_schema() {
    let schema = schema_of::<Send>();
    assert_eq!(schema["description"], "Sends a parcel.");
    assert_eq!(schema["required"], json!(["to"]));
    assert_eq!(schema["additionalProperties"], false);
    let properties = &schema["properties"];
    assert_eq!(
        properties["to"],
        json!({
            "title": "Recipient", "description": "Where it goes.", "type": "string", "minLength": 1,
            "x-jackfield": {"placeholder": "Ada", "options": "people", "resource": "person", "dependsOn": ["teamId"]},
        })
    );
    assert_eq!(
        properties["teamId"],
        json!({
            "title": "Team ID", "type": ["string", "null"],
            "x-jackfield": {"advanced": true, "shownWhen": {"to": ["Ada", "Bob"]}},
        })
    );
    assert_eq!(
        properties["weightKg"],
        json!({"title": "Weight kg", "type": "integer", "format": "uint8", "minimum": 1, "maximum": 30, "default": 2})
    );
    assert_eq!(properties["doorCode"]["writeOnly"], true);
    assert_eq!(
        properties["speed"],
        json!({
            "title": "Speed", "description": "How a parcel travels.", "type": "string", "enum": ["next_day", "slow"],
            "default": "next_day",
            "x-jackfield": {"labels": [
                {"value": "next_day", "label": "Next day", "description": "Tomorrow."},
                {"value": "slow", "label": "Some day"},
            ]},
        })
    );
}

#[test]
fn an_operation_is_chosen_and_its_errors_are_its_own() {
    let run = |config: Value| testing::plugin(plugin()).node("parcel", config).run();
    let ran = run(json!({"operation": "send", "to": "Ada", "speed": "slow"}));
    assert_eq!(ran.output(), json!(["Ada", null, 2, "slow", null]));
    assert_eq!(run(json!({"operation": "track", "number": 7})).output(), 7);
    let error = |config: Value| run(config).error().to_string();
    assert_eq!(
        error(json!({"operation": "fly"})),
        "INVALID_CONFIG: operation in the config of parcel has to be one of send, track, send_letter."
    );
    assert_eq!(
        error(json!({"operation": "track", "number": "x"})),
        "INVALID_CONFIG: number in the config of parcel is not valid: invalid type: string \"x\", expected u64."
    );
    assert_eq!(
        error(json!({"operation": "send", "to": "Ada", "speed": "fast"})),
        "INVALID_CONFIG: speed in the config of parcel is not valid: unknown variant `fast`, expected `next_day` or `slow`."
    );
}

#[test]
fn operations_share_a_schema_that_branches() {
    let schema = plugin().manifest().nodes[0].config_schema.clone();
    assert_eq!(schema["required"], json!(["operation"]));
    assert_eq!(
        schema["properties"]["operation"]["enum"],
        json!(["send", "track", "send_letter"])
    );
    assert_eq!(
        schema["properties"]["operation"]["x-jackfield"]["labels"][1],
        json!({"value": "track", "label": "Track", "description": "Looks where a parcel is."})
    );
    assert_eq!(
        schema["allOf"][1],
        json!({
            "if": {"properties": {"operation": {"const": "track"}}, "required": ["operation"]},
            "then": {
                "type": "object", "description": "Looks where a parcel is.", "additionalProperties": false, "required": ["number"],
                "properties": {
                    "operation": true,
                    "number": {"title": "Number", "description": "Of the parcel.", "type": "integer", "format": "uint64", "minimum": 0},
                },
            },
        })
    );
}

#[test]
fn members_of_another_config_stand_among_its_own() {
    let schema = schema_of::<SendLetter>();
    assert_eq!(schema["description"], "Sends a letter.");
    assert_eq!(schema["required"], json!(["to", "payer"]));
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema.get("unevaluatedProperties"), None);
    let members: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["to", "payer", "contents", "stamps"]);
    assert_eq!(
        schema["properties"]["payer"],
        json!({"title": "Payer", "description": "Who pays.", "type": "string", "minLength": 1})
    );
}

#[test]
fn members_of_another_config_are_read_and_written_in_its_place() {
    let run = |mut config: Value| {
        config["operation"] = "send_letter".into();
        testing::plugin(plugin()).node("parcel", config).run()
    };
    let ran = run(json!({"to": "Ada", "payer": "Bob", "contents": {"pages": 2}, "stamps": 1}));
    assert_eq!(
        ran.output(),
        json!({"to": "Ada", "payer": "Bob", "parts": {"pages": 2}, "stamps": 1})
    );
    let error = |config: Value| run(config).error().to_string();
    assert_eq!(
        error(json!({"to": "Ada", "payer": 7})),
        "INVALID_CONFIG: payer in the config of parcel is not valid: invalid type: integer `7`, expected a string."
    );
    assert_eq!(
        error(json!({"to": "Ada", "payer": "Bob", "stamps": 300})),
        "INVALID_CONFIG: stamps in the config of parcel is not valid: invalid value: integer `300`, expected u8."
    );
    assert_eq!(
        error(json!({"to": "Ada"})),
        "INVALID_CONFIG: The config of parcel is not valid: missing field `payer`."
    );
    assert_eq!(
        error(json!({"to": "Ada", "payer": "Bob", "colour": "red"})),
        "INVALID_CONFIG: The config of parcel is not valid: unknown field `colour`, expected one of `to`, `stamps`, `payer`, \
         `contents`."
    );
}
