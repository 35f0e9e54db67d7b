use std::collections::BTreeMap;

use axum::body::to_bytes;
use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;

/// What reached the receiver.
#[derive(Clone, Debug)]
pub struct Request {
    /// When it arrived.
    pub arrived: Instant,
    /// The method, in capitals.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The raw query string, empty when there is none.
    pub query: String,
    /// The headers by lower-case name; the values of a repeated one are joined with a comma.
    pub headers: BTreeMap<String, String>,
    /// The raw body.
    pub body: Bytes,
}

impl Request {
    pub(super) async fn read(request: axum::extract::Request) -> Self {
        let (head, body) = request.into_parts();
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in &head.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let joined = headers.entry(name.to_string());
            joined
                .and_modify(|all| *all = format!("{all}, {value}"))
                .or_insert(value);
        }
        Self {
            arrived: Instant::now(),
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers,
            // A body that breaks off is recorded as empty.
            body: to_bytes(body, usize::MAX).await.unwrap_or_default(),
        }
    }

    /// The value of a header, empty when it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
