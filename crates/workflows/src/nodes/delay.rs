//! `delay`: lets time pass.

use jackfield_storage::{Problem, ProblemCode, Timestamp};
use serde_json::{Map, Value as Json, json};

use super::{NodeType, Wait, wait};

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Goes on after a duration, or at an instant. A run that waits costs nothing and survives restarts.".to_owned(),
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "duration": {"type": "string", "title": "Duration", "description": "How long to wait, as an ISO 8601 duration: PT30S, PT1H, P2D."},
                "until": {"type": "string", "title": "Until", "description": "When to go on, as RFC 3339 writes instants: 2026-12-24T18:00:00Z."},
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object", "required": ["until"], "properties": {"until": {"type": "string", "format": "date-time"}},
        }).into()),
        ..NodeType::wait("delay", "Delay", "clock", Wait::Delay)
    }
}

/// What the schema cannot say: one of the two is given, and well written.
pub(super) fn check(config: &Map<String, Json>, path: &[String], problems: &mut Vec<Problem>) {
    if config.contains_key("duration") == config.contains_key("until") {
        let message = "give either `duration` or `until`";
        problems.push(Problem::new(path, ProblemCode::InvalidConfig, message));
        return;
    }
    let literal = |name: &str| {
        let text = config.get(name)?.as_str()?;
        (!text.contains("{{")).then(|| text.to_owned())
    };
    let mut fault = |name: &str, message: String| {
        let field = path.iter().map(String::as_str).chain([name]);
        problems.push(Problem::new(field, ProblemCode::InvalidConfig, message));
    };
    if let Some(Err(message)) = literal("duration").map(|text| wait::duration(&text)) {
        fault("duration", message);
    }
    if let Some(Err(message)) = literal("until").map(|text| wait::instant(&text)) {
        fault("until", message);
    }
}

/// When an evaluated config says to go on; the error is a sentence about it.
pub(crate) fn until(config: &Json, now: Timestamp) -> Result<Timestamp, String> {
    if let Some(given) = config.get("duration") {
        let text = given.as_str().ok_or("config.duration is not a string")?;
        let duration =
            wait::duration(text).map_err(|message| format!("config.duration: {message}"))?;
        return Ok(now.after(duration));
    }
    let given = config.get("until").and_then(Json::as_str);
    let text = given.ok_or("config.until is not a string")?;
    wait::instant(text).map_err(|message| format!("config.until: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_say_when() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let when = |config: Json| until(&config, now).map(|instant| instant.to_string());
        assert_eq!(
            when(json!({"duration": "PT1M"})),
            Ok("2023-11-14T22:14:20Z".to_owned())
        );
        assert_eq!(
            when(json!({"until": "2026-12-24T18:00:00+01:00"})),
            Ok("2026-12-24T17:00:00Z".to_owned())
        );
        assert_eq!(
            when(json!({"until": "tomorrow"})),
            Err(
                "config.until: `tomorrow` is no instant; write for example 2026-12-24T18:00:00Z"
                    .to_owned()
            )
        );
    }
}
