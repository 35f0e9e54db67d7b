//! What a provider does with a hook: it posts.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use crate::stripe;
use crate::workflow::text;

/// A generated address that the outside posts to.
#[derive(Clone, Debug)]
pub struct InboundHook {
    /// Its id.
    pub id: String,
    /// The absolute URL.
    pub url: String,
    /// The key of the trigger node that it belongs to.
    pub node_key: String,
}

/// What a sender is answered.
#[derive(Debug)]
pub struct HookAnswer {
    /// The HTTP status code.
    pub status: u16,
    /// The headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub text: String,
}

impl InboundHook {
    pub(crate) fn read(hook: &Value) -> Result<Self> {
        Ok(Self {
            id: text(&hook["id"])?,
            url: text(&hook["url"])?,
            node_key: text(&hook["nodeKey"])?,
        })
    }

    /// Posts a body with these headers.
    pub async fn post(
        &self,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Result<HookAnswer> {
        let mut request = reqwest::Client::new().post(&self.url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        HookAnswer::read(request.send().await?).await
    }

    /// Posts a JSON body without a signature.
    pub async fn post_json(&self, body: &Value) -> Result<HookAnswer> {
        self.post(&[("content-type", "application/json")], body.to_string())
            .await
    }

    /// Posts a JSON body as Stripe signs it now.
    pub async fn post_stripe(&self, secret: &str, body: &str) -> Result<HookAnswer> {
        let signature = stripe::sign(secret, body.as_bytes());
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("stripe-signature", &*signature),
        ];
        self.post(&headers, body.to_owned()).await
    }
}

impl HookAnswer {
    async fn read(response: reqwest::Response) -> Result<Self> {
        let value = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers = response
            .headers()
            .iter()
            .map(|(name, text)| (name.to_string(), value(text)))
            .collect();
        Ok(Self {
            status: response.status().as_u16(),
            headers,
            text: response.text().await?,
        })
    }

    /// The body as JSON, null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}
