//! The request as it is kept with its event: to be looked at, and to be run again.

use http::{HeaderMap, header};
use jackfield_storage::{
    Json,
    inbound_hook::{HookConfig, Scheme},
    inbound_request::KeptBody,
};
use serde::{
    Serialize, Serializer,
    ser::{SerializeSeq, SerializeStruct},
};

use super::{request::InboundRequest, target::Target, verify::MAILCHIMP_PARAMETER};

/// Headers that carry secrets, which do not belong into any history.
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-goog-channel-token",
];

/// Whether the value of a header is a secret.
pub(super) fn is_secret(config: &HookConfig, name: &header::HeaderName) -> bool {
    let chosen = config
        .header
        .as_deref()
        .filter(|_| config.scheme == Scheme::Bearer);
    SECRET_HEADERS.contains(&name.as_str())
        || chosen.is_some_and(|chosen| name.as_str().eq_ignore_ascii_case(chosen))
}

/// Whether the value of a parameter of the query is a secret.
pub(super) fn is_secret_parameter(config: &HookConfig, name: &str) -> bool {
    config.scheme == Scheme::Mailchimp && name == MAILCHIMP_PARAMETER
}

/// The request whose body became `data`, as a [`KeptRequest`](jackfield_storage::inbound_request::KeptRequest).
pub(super) fn keep(
    target: &Target,
    request: &InboundRequest,
    data: &Json,
) -> Result<Json, serde_json::Error> {
    Json::of(&Kept {
        config: &target.config,
        request,
        data,
    })
}

/// Written without copies of its parts: this is on the way of every webhook.
struct Kept<'a> {
    config: &'a HookConfig,
    request: &'a InboundRequest,
    data: &'a Json,
}

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let request = self.request;
        let mut kept = serializer.serialize_struct("KeptRequest", 5)?;
        kept.serialize_field("method", request.method.as_str())?;
        if let Some(query) = &request.query {
            kept.serialize_field("query", &without_secrets(self.config, query))?;
        }
        kept.serialize_field("headers", &Headers(self.config, &request.headers))?;
        if self.data.as_str().as_bytes() != request.body {
            kept.serialize_field("body", &KeptBody::of(&request.body))?;
        }
        if let Some(from) = request.from {
            kept.serialize_field("from", &from)?;
        }
        kept.end()
    }
}

struct Headers<'a>(&'a HookConfig, &'a HeaderMap);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut headers = serializer.serialize_seq(Some(self.1.len()))?;
        for (name, value) in self.1 {
            let value = String::from_utf8_lossy(value.as_bytes());
            let shown = Some(value).filter(|_| !is_secret(self.0, name));
            headers.serialize_element(&(name.as_str(), shown))?;
        }
        headers.end()
    }
}

fn without_secrets(config: &HookConfig, query: &str) -> String {
    if config.scheme != Scheme::Mailchimp {
        return query.to_owned();
    }
    let mut kept = form_urlencoded::Serializer::new(String::new());
    let shown = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| !is_secret_parameter(config, name));
    kept.extend_pairs(shown);
    kept.finish()
}
