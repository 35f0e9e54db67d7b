use jackfield_connected_apps::Secret;
use jackfield_storage::{
    ProblemCode,
    webhook_endpoint::{Authentication, WebhookEndpoint},
};

use url::Url;

use super::check::{Checked, Notes};
use crate::outbound::{OutboundError, authentication::put_into, courier::Shared, sink::NO_OAUTH2};

const FIELD: &str = "options.authentication";

/// The longest text of an authentication, in characters.
const LONGEST: usize = 4_000;

/// How the server is to prove itself to an endpoint.
#[derive(Clone)]
pub struct AuthenticationInput {
    /// What is shown of it.
    pub shown: Authentication,
    /// The token, the password, or the client's secret.
    pub secret: Secret,
}

impl AuthenticationInput {
    /// Where tokens are to be asked for.
    pub(super) fn token_url(&self) -> Option<&str> {
        match &self.shown {
            Authentication::OAuth2(oauth2) => Some(&oauth2.token_url),
            _ => None,
        }
    }
}

/// Puts an authentication into a row in place of the one that it has, or takes that away. It is given as a whole: with an
/// address of the token endpoint comes the secret that goes there.
pub(super) fn apply(
    shared: &Shared,
    given: Option<Option<AuthenticationInput>>,
    token_url: Option<Checked<Url>>,
    moved: bool,
    row: &mut WebhookEndpoint,
    notes: &mut Notes,
) -> Result<(), OutboundError> {
    match given {
        None if moved && row.authentication.is_some() => {
            let message = "The URL leads to another host than before. The authentication was given for that one: give it again, \
                           or `none`.";
            notes.add(FIELD, ProblemCode::Conflict, message);
        }
        None => {}
        Some(None) => put_into(row, &shared.sealer, None)?,
        Some(Some(input)) => match problem(&input, token_url) {
            None => put_into(row, &shared.sealer, Some((&input.shown, &input.secret)))?,
            Some((field, code, message)) => notes.add(&format!("{FIELD}.{field}"), code, message),
        },
    }
    let is_client = matches!(row.authentication(), Ok(Some(Authentication::OAuth2(_))));
    if is_client && !row.url.starts_with("http") {
        notes.add(&format!("{FIELD}.oauth2"), ProblemCode::Conflict, NO_OAUTH2);
    }
    let names = row.header_names();
    let set_twice = names
        .iter()
        .any(|name| name.eq_ignore_ascii_case("authorization"));
    if row.authentication.is_some() && set_twice {
        let message =
            "`authentication` sets the header `Authorization`: take it out of the headers.";
        notes.add("options.customHeaders", ProblemCode::Conflict, message);
    }
    Ok(())
}

type Found = (&'static str, ProblemCode, String);

fn problem(input: &AuthenticationInput, token_url: Option<Checked<Url>>) -> Option<Found> {
    let secret = input.secret.expose();
    match &input.shown {
        Authentication::Bearer => text("bearer.token", secret, 1),
        Authentication::Basic { username } if username.contains(':') => {
            let message = "A user name has no colon: it stands between user and password.";
            Some(("basic.username", ProblemCode::Invalid, message.to_owned()))
        }
        Authentication::Basic { username } => {
            text("basic.username", username, 1).or_else(|| text("basic.password", secret, 0))
        }
        Authentication::OAuth2(oauth2) => {
            if let Some(Err((code, message))) = token_url {
                return Some(("oauth2.tokenUrl", code, message));
            }
            let texts = [
                ("oauth2.clientId", oauth2.client_id.as_str(), 1),
                ("oauth2.clientSecret", secret, 1),
                (
                    "oauth2.scope",
                    oauth2.scope.as_deref().unwrap_or_default(),
                    0,
                ),
                (
                    "oauth2.audience",
                    oauth2.audience.as_deref().unwrap_or_default(),
                    0,
                ),
            ];
            let mut problems = texts
                .into_iter()
                .filter_map(|(field, given, shortest)| text(field, given, shortest));
            problems.next()
        }
    }
}

fn text(field: &'static str, given: &str, shortest: usize) -> Option<Found> {
    let fits = (shortest..=LONGEST).contains(&given.chars().count());
    if fits && !given.chars().any(char::is_control) {
        return None;
    }
    let message =
        format!("Give {shortest} to {LONGEST} characters, and no control characters among them.");
    Some((field, ProblemCode::Invalid, message))
}
