use http::{HeaderName, HeaderValue};
use jackfield_connected_apps::Secret;
use jackfield_storage::{ProblemCode, webhook_endpoint::WebhookEndpoint};

use super::check::Notes;
use crate::outbound::{OutboundError, courier::Shared, headers::CustomHeaders};

const FIELD: &str = "options.customHeaders";
const MOST: usize = 20;

/// What the server itself sets.
const OURS: [&str; 6] = [
    "host",
    "content-type",
    "content-length",
    "connection",
    "transfer-encoding",
    "user-agent",
];

/// A header that is to be sent besides.
#[derive(Clone)]
pub struct HeaderInput {
    /// Its name.
    pub name: String,
    /// Its value; the one that it has when there is none.
    pub value: Option<Secret>,
}

/// Puts headers into a row in place of those that it has. A header whose value is not given keeps it, unless what is sent has
/// `moved` to another place.
pub(super) fn apply(
    shared: &Shared,
    given: Option<Vec<HeaderInput>>,
    moved: bool,
    row: &mut WebhookEndpoint,
    notes: &mut Notes,
) -> Result<(), OutboundError> {
    let Some(given) = given else {
        if moved && !row.header_names().is_empty() {
            let message = "The URL leads to another host than before. The headers were given for that one: give them again with \
                           their values, or an empty list.";
            notes.add(FIELD, ProblemCode::Conflict, message);
        }
        return Ok(());
    };
    let keeps = given.iter().any(|header| header.value.is_none());
    let known = match keeps && !moved {
        true => kept(shared, row),
        false => CustomHeaders::default(),
    };
    match merge(given, &known) {
        Ok(headers) => headers.put_into(row, &shared.sealer)?,
        Err((code, message)) => notes.add(FIELD, code, message),
    }
    Ok(())
}

/// The headers that a row has; none when they are lost.
fn kept(shared: &Shared, row: &WebhookEndpoint) -> CustomHeaders {
    let opened = CustomHeaders::open(&shared.sealer, row);
    opened.unwrap_or_else(|error| {
        tracing::warn!(%error, endpoint = %row.id, "the headers of an endpoint are lost");
        CustomHeaders::default()
    })
}

fn merge(
    given: Vec<HeaderInput>,
    known: &CustomHeaders,
) -> Result<CustomHeaders, (ProblemCode, String)> {
    if given.len() > MOST {
        let message = format!("At most {MOST} headers can be set.");
        return Err((ProblemCode::Invalid, message));
    }
    let mut headers = CustomHeaders::default();
    for HeaderInput { name, value } in given {
        let shown: String = name.chars().take(40).collect();
        let invalid = |message: String| Err((ProblemCode::Invalid, message));
        if headers.get(&name).is_some() {
            return invalid(format!("The header `{shown}` is given twice."));
        }
        let Some(value) = value.or_else(|| known.get(&name).cloned()) else {
            let message = format!(
                "Give the value of `{shown}`: there is none that could be kept, or the URL leads to another host than before."
            );
            return Err((ProblemCode::Required, message));
        };
        if name.parse::<HeaderName>().is_err() || value.expose().parse::<HeaderValue>().is_err() {
            return invalid(format!(
                "`{shown}` or its value cannot be sent as a header."
            ));
        }
        let lower = name.to_ascii_lowercase();
        let reserved = OURS.contains(&lower.as_str())
            || lower.starts_with("webhook-")
            || lower.starts_with("svix-");
        if reserved {
            return invalid(format!("The header `{shown}` is set by the server."));
        }
        headers.insert(name, value);
    }
    Ok(headers)
}
