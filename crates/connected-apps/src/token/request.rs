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
    /// Who asks.
    pub client_id: Secret,
    /// What proves it.
    pub client_secret: Secret,
    /// What is asked for, words with spaces between them; empty for what the server gives by itself.
    pub scope: String,
    /// For whom the token is to be, as some servers want to know; empty where they do not.
    pub audience: String,
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
    /// The request to the token endpoint, with the proof in that place.
    pub(super) fn http(&self, place: Place) -> Request {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        for (name, value) in [("scope", &self.scope), ("audience", &self.audience)] {
            if !value.is_empty() {
                form.append_pair(name, value);
            }
        }
        let mut request = Request::new(Method::POST, self.url.clone());
        match place {
            Place::Header => {
                request.headers.insert(AUTHORIZATION, self.basic());
            }
            Place::Body => {
                form.append_pair("client_id", self.client_id.expose());
                form.append_pair("client_secret", self.client_secret.expose());
            }
        }
        request.headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        request
            .headers
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        request.body = Bytes::from(form.finish());
        request.timeout = Some(TIMEOUT);
        request.max_bytes = Some(MAX_ANSWER);
        request.follow_redirects = false;
        request
    }

    /// User and password are form-encoded first, as RFC 6749, section 2.3.1 says.
    fn basic(&self) -> HeaderValue {
        let encode = |secret: &Secret| -> String {
            form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect()
        };
        let pair = Zeroizing::new(format!(
            "{}:{}",
            encode(&self.client_id),
            encode(&self.client_secret)
        ));
        let mut value =
            HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.as_bytes())))
                .expect("base64 is visible ASCII");
        value.set_sensitive(true);
        value
    }
}
