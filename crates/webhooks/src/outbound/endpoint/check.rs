use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use jackfield_egress::{Egress, ErrorCode};
use jackfield_storage::{
    Json, Problem, ProblemCode,
    webhook_endpoint::{Ordering, WebhookEndpoint},
};
use url::Url;

use super::EndpointInput;

const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 2_000;
const MAX_TYPES: usize = 200;
const MAX_HEADERS: usize = 20;

/// Puts what is given into a row, or tells all that is wrong with it.
pub(super) async fn apply(
    egress: &Egress,
    input: EndpointInput,
    row: &mut WebhookEndpoint,
) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut note = |field: &str, code, message: String| {
        problems.push(Problem::new(field.split('.'), code, message));
    };
    if let Some(url) = input.url {
        match target(egress, &url).await {
            Ok(url) => row.url = url.into(),
            Err((code, message)) => note("url", code, message),
        }
    } else if row.url.is_empty() {
        note("url", ProblemCode::Required, "Give the URL.".into());
    }
    if let Some(name) = input.name {
        let name = name.trim();
        match name.chars().count() {
            1..=MAX_NAME => name.clone_into(&mut row.name),
            _ => note(
                "name",
                ProblemCode::Invalid,
                format!("A name has 1 to {MAX_NAME} characters."),
            ),
        }
    }
    if let Some(description) = input.description {
        match description.chars().count() <= MAX_DESCRIPTION {
            true => row.description = description,
            false => note(
                "description",
                ProblemCode::TooLarge,
                format!("A description has at most {MAX_DESCRIPTION} characters."),
            ),
        }
    }
    if let Some(types) = input.event_types {
        match types_problem(&types) {
            None => row.event_types = Json::from(serde_json::Value::from(types)),
            Some(message) => note("eventTypes", ProblemCode::Invalid, message),
        }
    }
    if let Some(headers) = input.headers {
        match headers_problem(&headers) {
            None => row.headers = Json::of(&headers).unwrap_or_else(|_| Json::null()),
            Some(message) => note("options.customHeaders", ProblemCode::Invalid, message),
        }
    }
    if let Some(limit) = input.rate_limit {
        match limit {
            0..=10_000 => row.rate_limit = Some(limit).filter(|limit| *limit > 0),
            _ => note(
                "options.rateLimit",
                ProblemCode::Invalid,
                "A rate limit is a number of requests a second from 1 to 10000, or 0 for none."
                    .into(),
            ),
        }
    }
    if let Some(timeout) = input.timeout_ms {
        match timeout {
            1_000..=60_000 => row.timeout_ms = timeout,
            _ => note(
                "options.timeout",
                ProblemCode::Invalid,
                "A timeout is from 1 to 60 seconds.".into(),
            ),
        }
    }
    if let Some(active) = input.active {
        row.active = active;
        row.disabled_reason = None;
        row.failing_since = row.failing_since.filter(|_| !active);
    }
    row.header_style = input.header_style.unwrap_or(row.header_style);
    row.ordering = input.ordering.unwrap_or(row.ordering);
    if let Some(path) = input.ordering_path {
        row.ordering_path = Some(path).filter(|path| !path.is_empty());
    }
    if row.ordering_path.is_some() && row.ordering != Ordering::Strict {
        note(
            "options.orderingKey",
            ProblemCode::Conflict,
            "A key for the order needs the ordering STRICT.".into(),
        );
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}

/// A URL that may be sent to: `https`, or in a range that the operator has allowed.
async fn target(egress: &Egress, text: &str) -> Result<Url, (ProblemCode, String)> {
    let url = Url::parse(text).map_err(|error| {
        let message = format!("This is not a URL: {error}.");
        (ProblemCode::Invalid, message)
    })?;
    let allowed = egress.check_target(&url).await.map_err(|error| {
        let code = match error.code() {
            ErrorCode::ForbiddenAddress => ProblemCode::ForbiddenAddress,
            _ => ProblemCode::Invalid,
        };
        (code, error.to_string())
    })?;
    if url.scheme() == "https" || allowed {
        return Ok(url);
    }
    let message = "The URL must begin with https://. Only addresses in ranges that the operator has allowed (JACKFIELD_EGRESS_ALLOW) may do without.";
    Err((ProblemCode::Invalid, message.to_owned()))
}

fn types_problem(types: &[String]) -> Option<String> {
    if types.len() > MAX_TYPES {
        return Some(format!(
            "At most {MAX_TYPES} types can be named; `*` stands for whatever follows."
        ));
    }
    let wrong = types.iter().find(|name| {
        let length = name.chars().count();
        let stars = name.trim_end_matches('*');
        !(1..=200).contains(&length)
            || name.chars().any(char::is_whitespace)
            || stars.contains('*')
            || name.len() - stars.len() > 1
    })?;
    let shown: String = wrong.chars().take(40).collect();
    Some(format!(
        "`{shown}` is no event type: 1 to 200 characters without spaces, such as `invoice.paid`, `invoice.*` or `*`."
    ))
}

fn headers_problem(headers: &BTreeMap<String, String>) -> Option<String> {
    const OURS: [&str; 6] = [
        "host",
        "content-type",
        "content-length",
        "connection",
        "transfer-encoding",
        "user-agent",
    ];
    if headers.len() > MAX_HEADERS {
        return Some(format!("At most {MAX_HEADERS} headers can be set."));
    }
    headers.iter().find_map(|(name, value)| {
        let shown: String = name.chars().take(40).collect();
        let lower = name.to_ascii_lowercase();
        if name.parse::<HeaderName>().is_err() || value.parse::<HeaderValue>().is_err() {
            return Some(format!(
                "`{shown}` or its value cannot be sent as a header."
            ));
        }
        let reserved = OURS.contains(&lower.as_str())
            || lower.starts_with("webhook-")
            || lower.starts_with("svix-");
        reserved.then(|| format!("The header `{shown}` is set by the server."))
    })
}
