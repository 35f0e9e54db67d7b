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
        .operation::<Track>();
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
        "INVALID_CONFIG: operation in the config of parcel has to be one of send, track."
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
        json!(["send", "track"])
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
