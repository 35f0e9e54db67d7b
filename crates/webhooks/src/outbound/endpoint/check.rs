use jackfield_egress::{Egress, ErrorCode};
use jackfield_storage::{
    Channels, Json, Problem, ProblemCode,
    webhook_endpoint::{Ordering, WebhookEndpoint},
};

use url::Url;

use super::{EndpointInput, authentication, headers};
use crate::outbound::sink::Outlet;
use crate::outbound::{OutboundError, courier::Shared};

const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 2_000;
const MAX_TYPES: usize = 200;

/// What is wrong with an input, gathered.
pub(super) struct Notes(Vec<Problem>);

impl Notes {
    /// `field` is a path with dots in it.
    pub fn add(&mut self, field: &str, code: ProblemCode, message: impl Into<String>) {
        self.0.push(Problem::new(field.split('.'), code, message));
    }
}

/// What may be sent to, or what is wrong with it.
pub(super) type Checked<T> = Result<T, (ProblemCode, String)>;

/// An input whose URLs were looked up, which takes time.
pub(super) struct LookedUp {
    input: EndpointInput,
    url: Option<Checked<Outlet>>,
    token_url: Option<Checked<Url>>,
}

/// Finds out where the URLs lead that are given.
pub(super) async fn look_up(shared: &Shared, mut input: EndpointInput) -> LookedUp {
    let url = match input.url.take() {
        Some(url) => Some(target(&shared.egress, &url).await),
        None => None,
    };
    let authentication = input.authentication.iter().flatten().next();
    let token_url = match authentication.and_then(|given| given.token_url()) {
        Some(url) => Some(token_target(&shared.egress, url).await),
        None => None,
    };
    LookedUp {
        input,
        url,
        token_url,
    }
}

/// Puts what is given into a row, or tells all that is wrong with it.
pub(super) fn apply(
    shared: &Shared,
    looked_up: LookedUp,
    row: &mut WebhookEndpoint,
) -> Result<(), OutboundError> {
    let LookedUp {
        mut input,
        url,
        token_url,
    } = looked_up;
    let mut notes = Notes(Vec::new());
    let given = url.as_ref().and_then(|url| url.as_ref().ok());
    let moved = given.is_some_and(|url| leads_elsewhere(&row.url, url));
    match url {
        Some(Ok(outlet)) => row.url = outlet.to_string(),
        Some(Err((code, message))) => notes.add("url", code, message),
        None if row.url.is_empty() => notes.add("url", ProblemCode::Required, "Give the URL."),
        None => {}
    }
    if let Some(active) = input.active {
        row.active = active;
        row.disabled_reason = None;
        row.failing_since = row.failing_since.filter(|_| !active);
    }
    apply_texts(&mut input, row, &mut notes);
    apply_requests(&input, row, &mut notes);
    apply_expressions(shared, &mut input, row, &mut notes);
    apply_order(&mut input, row, &mut notes);
    headers::apply(shared, input.headers, moved, row, &mut notes)?;
    let given = input.authentication;
    authentication::apply(shared, given, token_url, moved, row, &mut notes)?;
    match notes.0.is_empty() {
        true => Ok(()),
        false => Err(OutboundError::Rejected(notes.0)),
    }
}

/// Whether what is secret would go to another place than the one that it was entered for. Who may change an endpoint may not
/// thereby read what nobody is shown.
fn leads_elsewhere(before: &str, now: &Outlet) -> bool {
    let now: Option<Url> = now.to_string().parse().ok();
    let before: Option<Url> = before.parse().ok();
    let place = |url: &Url| {
        let host = url.host_str().map(str::to_owned);
        (url.scheme().to_owned(), host, url.port_or_known_default())
    };
    before.is_some_and(|before| Some(place(&before)) != now.as_ref().map(place))
}

/// What people read, and which events they want.
fn apply_texts(input: &mut EndpointInput, row: &mut WebhookEndpoint, notes: &mut Notes) {
    if let Some(name) = input.name.take() {
        let name = name.trim();
        match name.chars().count() {
            1..=MAX_NAME => name.clone_into(&mut row.name),
            _ => {
                let message = format!("A name has 1 to {MAX_NAME} characters.");
                notes.add("name", ProblemCode::Invalid, message);
            }
        }
    }
    if let Some(description) = input.description.take() {
        match description.chars().count() <= MAX_DESCRIPTION {
            true => row.description = description,
            false => {
                let message = format!("A description has at most {MAX_DESCRIPTION} characters.");
                notes.add("description", ProblemCode::TooLarge, message);
            }
        }
    }
    if let Some(types) = input.event_types.take() {
        match types_problem(&types) {
            None => row.event_types = Json::from(serde_json::Value::from(types)),
            Some(message) => notes.add("eventTypes", ProblemCode::Invalid, message),
        }
    }
    match input.channels.take().map(Channels::parse).transpose() {
        Ok(Some(channels)) => row.channels = channels,
        Ok(None) => {}
        Err(error) => notes.add("channels", ProblemCode::Invalid, error.to_string()),
    }
}

/// How requests look, how many there are and how long they take.
fn apply_requests(input: &EndpointInput, row: &mut WebhookEndpoint, notes: &mut Notes) {
    row.header_style = input.header_style.unwrap_or(row.header_style);
    if let Some(limit) = input.rate_limit {
        match limit {
            0..=10_000 => row.rate_limit = Some(limit).filter(|limit| *limit > 0),
            _ => notes.add(
                "options.rateLimit",
                ProblemCode::Invalid,
                "A rate limit is a number of requests a second from 1 to 10000, or 0 for none.",
            ),
        }
    }
    if let Some(timeout) = input.timeout_ms {
        match timeout {
            1_000..=60_000 => row.timeout_ms = timeout,
            _ => {
                let message = "A timeout is from 1 to 60 seconds.";
                notes.add("options.timeout", ProblemCode::Invalid, message);
            }
        }
    }
}

/// Which events are sent, and what of them.
fn apply_expressions(
    shared: &Shared,
    input: &mut EndpointInput,
    row: &mut WebhookEndpoint,
    notes: &mut Notes,
) {
    if let Some(filter) = input.filter.take() {
        let filter = Some(filter).filter(|filter| !filter.trim().is_empty());
        let compiled = filter.as_ref().map(|filter| shared.compile_filter(filter));
        match compiled.transpose() {
            Ok(_) => row.filter = filter,
            Err(why) => notes.add("options.filter", ProblemCode::InvalidExpression, why),
        }
    }
    if let Some(wanted) = input.transformation.take() {
        match shared.config.expressions.compile(&wanted) {
            Ok(_) => row.transformation = (!wanted.is_null()).then(|| Json::from(wanted)),
            Err(why) => notes.add(
                "options.transformation",
                ProblemCode::InvalidExpression,
                why,
            ),
        }
    }
}

/// In which order events are sent.
fn apply_order(input: &mut EndpointInput, row: &mut WebhookEndpoint, notes: &mut Notes) {
    row.ordering = input.ordering.unwrap_or(row.ordering);
    if let Some(path) = input.ordering_path.take() {
        row.ordering_path = Some(path).filter(|path| !path.is_empty());
    }
    if row.ordering_path.is_some() && row.ordering != Ordering::Strict {
        let message = "A key for the order needs the ordering STRICT.";
        notes.add("options.orderingKey", ProblemCode::Conflict, message);
    }
}

/// What may be sent to: encrypted, or in a range that the operator has allowed.
async fn target(egress: &Egress, text: &str) -> Checked<Outlet> {
    let outlet = Outlet::parse(text).map_err(|why| (ProblemCode::Invalid, why))?;
    let allowed = outlet.check(egress).await.map_err(|error| {
        let code = match error.code() {
            ErrorCode::ForbiddenAddress => ProblemCode::ForbiddenAddress,
            _ => ProblemCode::Invalid,
        };
        (code, error.to_string())
    })?;
    if outlet.is_encrypted() || allowed {
        return Ok(outlet);
    }
    let scheme = outlet.encrypted_scheme();
    let message = format!(
        "The URL must begin with {scheme}://. Only addresses in ranges that the operator has allowed (JACKFIELD_EGRESS_ALLOW) may do without."
    );
    Err((ProblemCode::Invalid, message))
}

/// Where access tokens may be asked for.
async fn token_target(egress: &Egress, text: &str) -> Checked<Url> {
    match target(egress, text).await? {
        Outlet::Http(http) => Ok(http.url().clone()),
        Outlet::Nats(_) => {
            let message =
                "Access tokens are asked for over HTTP: the URL must begin with https://.";
            Err((ProblemCode::Invalid, message.to_owned()))
        }
    }
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
