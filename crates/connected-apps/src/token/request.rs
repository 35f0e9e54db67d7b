use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use jackfield_egress::Request;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::secret::Secret;

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_ANSWER: usize = 256 << 10;

/// What a token endpoint is asked for.
pub struct TokenRequest {
    /// The token endpoint.
    pub url: Url,
    /// Who asks; none where the form itself proves it.
    pub client: Option<Client>,
    form: Vec<(&'static str, Secret)>,
}

/// A client of an authorization server.
#[derive(Clone)]
pub struct Client {
    /// Who it is.
    pub id: Secret,
    /// What proves it.
    pub secret: Secret,
    /// Where the proof goes.
    pub proof: ClientProof,
}

/// How a client proves itself: RFC 6749, section 2.3.1 wants the header to be supported, some servers only read the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientProof {
    /// By HTTP Basic.
    Header,
    /// In the form, as `client_id` and `client_secret`.
    Body,
    /// By HTTP Basic, and in the form where the server does not know the client then.
    HeaderThenBody,
}

/// One of the places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Header,
    Body,
}

impl TokenRequest {
    /// A token for the client itself: RFC 6749, section 4.4. `scope` has words with spaces between them; `audience` is for
    /// whom the token is to be, as some servers want to know. Both may be empty.
    pub fn client_credentials(url: Url, client: Client, scope: &str, audience: &str) -> Self {
        let mut form = vec![text("grant_type", "client_credentials")];
        let given = [("scope", scope), ("audience", audience)];
        form.extend(
            given
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| text(name, value)),
        );
        let client = Some(client);
        Self { url, client, form }
    }

    /// The tokens for a code that a person came back with: RFC 6749, section 4.1.3, and RFC 7636, section 4.5.
    pub fn authorization_code(
        url: Url,
        client: Client,
        (code, verifier): (Secret, Secret),
        redirect_uri: &Url,
    ) -> Self {
        let form = vec![
            text("grant_type", "authorization_code"),
            ("code", code),
            text("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        let client = Some(client);
        Self { url, client, form }
    }

    /// New tokens for old: RFC 6749, section 6.
    pub fn refresh(url: Url, client: Client, token: Secret) -> Self {
        let form = vec![
            text("grant_type", "refresh_token"),
            ("refresh_token", token),
        ];
        let client = Some(client);
        Self { url, client, form }
    }

    /// A token for whom a signed assertion names: RFC 7523, section 2.1.
    pub fn jwt_bearer(url: Url, assertion: Secret) -> Self {
        let form = vec![
            text("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion),
        ];
        let client = None;
        Self { url, client, form }
    }

    /// Gives a token back: RFC 7009, section 2.1.
    pub fn revoke(url: Url, client: Client, token: Secret) -> Self {
        let form = vec![("token", token)];
        let client = Some(client);
        Self { url, client, form }
    }

    /// The request to the token endpoint, with the proof in that place.
    pub(super) fn http(&self, place: Place) -> Request {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.form {
            form.append_pair(name, value.expose());
        }
        let mut request = Request::new(Method::POST, self.url.clone());
        match (&self.client, place) {
            (Some(client), Place::Header) => {
                request.headers.insert(AUTHORIZATION, client.basic());
            }
            (Some(client), Place::Body) => {
                form.append_pair("client_id", client.id.expose());
                form.append_pair("client_secret", client.secret.expose());
            }
            (None, _) => {}
        }
        request.headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        request.body = Bytes::from(form.finish());
        of_tokens(request)
    }
}

/// A request whose answer is a token, and small.
pub(super) fn of_tokens(mut request: Request) -> Request {
    request
        .headers
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    request.timeout = Some(TIMEOUT);
    request.max_bytes = Some(MAX_ANSWER);
    request.follow_redirects = false;
    request
}

impl Client {
    /// User and password are form-encoded first, as RFC 6749, section 2.3.1 says.
    fn basic(&self) -> HeaderValue {
        let encode = |secret: &Secret| -> String {
            form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect()
        };
        let pair = Zeroizing::new(format!("{}:{}", encode(&self.id), encode(&self.secret)));
        let mut value =
            HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.as_bytes())))
                .expect("base64 is visible ASCII");
        value.set_sensitive(true);
        value
    }
}

fn text(name: &'static str, value: &str) -> (&'static str, Secret) {
    (name, Secret::new(value.to_owned()))
}
