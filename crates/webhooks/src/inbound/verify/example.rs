//! What the tests of the schemes share: a request that is built from its parts.

use http::{HeaderMap, HeaderName, HeaderValue};
use jackfield_connected_apps::Secret;
use jackfield_storage::Timestamp;

use super::Signed;

/// A request to be checked, with the time at which it comes.
#[derive(Clone)]
pub(super) struct Example {
    pub url: &'static str,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub now: i64,
}

impl Example {
    /// A request with `body` that comes at the Unix second `now`.
    pub fn new(body: &str, now: i64) -> Self {
        Self {
            url: "https://jackfield.example.com/hooks/t",
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            now,
        }
    }

    pub fn at(mut self, url: &'static str) -> Self {
        self.url = url;
        self
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    pub fn later(mut self, seconds: i64) -> Self {
        self.now += seconds;
        self
    }

    /// Sets a header, replacing an earlier value.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).unwrap();
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub fn signed(&self) -> Signed<'_> {
        Signed {
            url: self.url,
            query: self.url.split_once('?').map(|(_, query)| query),
            headers: &self.headers,
            body: &self.body,
            now: Timestamp::from_micros(self.now * 1_000_000),
        }
    }
}

/// Secrets as the hook keeps them, newest first.
pub(super) fn secrets(texts: &[&str]) -> Vec<Secret> {
    texts
        .iter()
        .map(|text| Secret::new((*text).to_owned()))
        .collect()
}
