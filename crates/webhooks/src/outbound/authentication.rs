//! How the server proves itself to an endpoint: what is secret of it is sealed at rest and never shown again.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use jackfield_connected_apps::{
    Client, ClientProof, Echoes, SealError, Sealer, Secret, Subject, TokenRequest,
};
use jackfield_storage::{
    Json,
    webhook_endpoint::{Authentication, ClientAuthentication, OAuth2, WebhookEndpoint},
};
use zeroize::Zeroizing;

/// What requests to an endpoint are authenticated with.
pub(super) enum Credential {
    /// The same token each time.
    Bearer(Secret),
    /// A user with a password.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// A token that has to be asked for.
    Token(TokenRequest),
}

/// Puts an authentication into its endpoint's row, its secret sealed; or takes it away.
pub(super) fn put_into(
    row: &mut WebhookEndpoint,
    sealer: &Sealer,
    authentication: Option<(&Authentication, &Secret)>,
) -> Result<(), SealError> {
    let Some((shown, secret)) = authentication else {
        row.authentication = None;
        row.sealed_authentication = None;
        return Ok(());
    };
    let sealed = sealer.seal(&subject(row), secret.expose().as_bytes())?;
    row.authentication = Some(Json::of(shown).map_err(|_| SealError::NotSealed)?);
    row.sealed_authentication = Some(sealed);
    Ok(())
}

/// What an endpoint's row holds, ready to be sent; the error is a sentence. `echoes` learns what is secret.
pub(super) fn open(
    sealer: &Sealer,
    row: &WebhookEndpoint,
    echoes: &Echoes,
) -> Result<Option<Credential>, String> {
    let shown = row.authentication().map_err(|error| error.to_string())?;
    let Some(shown) = shown else {
        return Ok(None);
    };
    let sealed = row.sealed_authentication.as_deref().unwrap_or_default();
    let plain = sealer.open(&subject(row), sealed);
    let plain = plain.map_err(|error| error.to_string())?;
    let secret = String::from_utf8(plain.to_vec()).map_err(|_| SealError::Damaged.to_string())?;
    let secret = Secret::new(secret);
    echoes.add(secret.expose());
    Ok(Some(match shown {
        Authentication::Bearer => Credential::Bearer(secret),
        Authentication::Basic { username } => {
            echoes.add(&pair(&username, &secret));
            Credential::Basic {
                username,
                password: secret,
            }
        }
        Authentication::OAuth2(oauth2) => Credential::Token(request(oauth2, secret)?),
    }))
}

impl Credential {
    /// The value of `Authorization`, if it is the same each time and fit for a header.
    pub fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Bearer(token) => bearer(token),
            Self::Basic { username, password } => header("Basic", &pair(username, password)),
            Self::Token(_) => None,
        }
    }
}

/// What stands behind `Basic` (RFC 7617 §2).
fn pair(username: &str, password: &Secret) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{username}:{}", password.expose()));
    Zeroizing::new(STANDARD.encode(pair.as_bytes()))
}

fn request(oauth2: OAuth2, secret: Secret) -> Result<TokenRequest, String> {
    let url = oauth2.token_url.parse();
    let url = url.map_err(|error: url::ParseError| format!("its token URL: {error}"))?;
    let client = Client {
        id: Secret::new(oauth2.client_id),
        secret,
        proof: match oauth2.client_authentication {
            ClientAuthentication::Basic => ClientProof::Header,
            ClientAuthentication::Body => ClientProof::Body,
        },
    };
    let scope = oauth2.scope.unwrap_or_default();
    let audience = oauth2.audience.unwrap_or_default();
    Ok(TokenRequest::client_credentials(
        url, client, &scope, &audience,
    ))
}

/// The value of `Authorization` with a token; nothing when the token is not fit for a header.
pub(super) fn bearer(token: &Secret) -> Option<HeaderValue> {
    header("Bearer", token.expose())
}

fn header(scheme: &str, text: &str) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("{scheme} {text}"));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn subject(row: &WebhookEndpoint) -> Subject {
    Subject::part(row.workspace_id, row.id, "authentication")
}
