//! The endpoints of a workspace, one verb per file.

mod authentication;
mod check;
mod create;
mod delete;
mod headers;
mod rotate;
mod update;

use jackfield_storage::webhook_endpoint::{Algorithm, HeaderStyle, Ordering, WebhookEndpoint};

pub use authentication::AuthenticationInput;
pub use headers::HeaderInput;
pub use rotate::KEY_OVERLAP;

/// What is to be set of an endpoint. What is absent gets its default, or stays.
#[derive(Clone, Default)]
pub struct EndpointInput {
    /// What people call it; the URL's host by default.
    pub name: Option<String>,
    /// Where it is. Needed for a new one.
    pub url: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether events are sent to it; yes by default.
    pub active: Option<bool>,
    /// Types, or what types begin with, followed by `*`; all by default.
    pub event_types: Option<Vec<String>>,
    /// Only events that share one of these are sent to it; all when there are none.
    pub channels: Option<Vec<String>>,
    /// Headers that are sent besides, in place of earlier ones.
    pub headers: Option<Vec<HeaderInput>>,
    /// How the server proves itself to it; none in it for by nothing but the signature.
    pub authentication: Option<Option<AuthenticationInput>>,
    /// How it is signed; HMAC-SHA256 by default. Fixed once the endpoint is there.
    pub algorithm: Option<Algorithm>,
    /// What the headers of the signature are called.
    pub header_style: Option<HeaderStyle>,
    /// How many requests a second it gets at most; 0 for no limit.
    pub rate_limit: Option<i32>,
    /// How long it may take to answer, in milliseconds; 30 seconds by default.
    pub timeout_ms: Option<i64>,
    /// In which order it gets its events.
    pub ordering: Option<Ordering>,
    /// With a strict order: where in the data the key is found.
    pub ordering_path: Option<String>,
    /// An expression about the event, such as `{{ event.data.cents > 1000 }}`; none when it is empty.
    pub filter: Option<String>,
    /// What is sent in place of the usual body, with expressions about the event in it; null for the usual one.
    pub transformation: Option<serde_json::Value>,
}

/// An endpoint with what its owner checks signatures with, which is shown only now.
#[derive(Clone, Debug)]
pub struct Made {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// `whsec_…`, or `whpk_…` for ed25519.
    pub secret: String,
}
