//! What the nodes that wait have in common.

use std::time::Duration;

use jackfield_storage::{Problem, ProblemCode, Timestamp};
use serde_json::{Map, Value as Json, json};

use crate::definition::parse_duration;

/// The longest wait that can be asked for.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// The config member `timeout`.
pub(super) fn timeout_schema() -> Json {
    json!({
        "type": "string", "title": "Timeout",
        "description": "How long to wait at most, as an ISO 8601 duration; after that it goes on by `timeout`, and without an edge there it fails. Without a timeout it waits for as long as it takes.",
    })
}

/// Checks a `timeout` that is no expression.
pub(super) fn check(config: &Map<String, Json>, path: &[String], problems: &mut Vec<Problem>) {
    let Some(text) = config.get("timeout").and_then(Json::as_str) else {
        return;
    };
    if let (false, Err(message)) = (text.contains("{{"), duration(text)) {
        let field = path.iter().map(String::as_str).chain(["timeout"]);
        problems.push(Problem::new(field, ProblemCode::InvalidConfig, message));
    }
}

/// When an evaluated config says that the wait is over; the error is a sentence about it.
pub(crate) fn deadline(config: &Json, now: Timestamp) -> Result<Option<Timestamp>, String> {
    match config.get("timeout") {
        None | Some(Json::Null) => Ok(None),
        Some(given) => {
            let text = given.as_str().ok_or("config.timeout is not a string")?;
            let timeout = duration(text).map_err(|message| format!("config.timeout: {message}"))?;
            Ok(Some(now.after(timeout)))
        }
    }
}

/// An ISO 8601 duration of at most ten years.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text)?;
    if duration > LONGEST {
        return Err(format!("`{text}` is longer than ten years"));
    }
    Ok(duration)
}

/// An instant as RFC 3339 writes it.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no instant; write for example 2026-12-24T18:00:00Z"))
}
