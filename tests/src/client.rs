//! A GraphQL client over HTTP.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Speaks to one server with one credential, or with none.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// An answer to a GraphQL request, with what came around it.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The whole body, but for `extensions`.
    pub body: Value,
    /// The `extensions` of the body.
    pub extensions: Value,
}

impl Client {
    pub(crate) fn new(http: reqwest::Client, url: String) -> Self {
        Self {
            http,
            url,
            token: None,
        }
    }

    /// The same client with this bearer token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// The bearer token, if there is one.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same client without a credential.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self {
            token: None,
            ..self.clone()
        }
    }

    /// Sends a document with variables and returns whatever comes back.
    pub async fn send(&self, document: &str, variables: Value) -> Result<Answer> {
        let mut request = self
            .http
            .post(&self.url)
            .json(&json!({"query": document, "variables": variables}));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        let mut body: Value = serde_json::from_str(&text)
            .with_context(|| format!("{status} with a body that is no JSON: {text}"))?;
        let members = body.as_object_mut();
        let extensions = members.and_then(|members| members.remove("extensions"));
        Ok(Answer {
            status,
            body,
            extensions: extensions.unwrap_or_default(),
        })
    }

    /// Sends a document without variables and returns its data.
    pub async fn data(&self, document: &str) -> Result<Value> {
        self.data_with(document, json!({})).await
    }

    /// Sends a document and returns its data; any top-level error is a failure.
    pub async fn data_with(&self, document: &str, variables: Value) -> Result<Value> {
        let mut answer = self.send(document, variables).await?;
        ensure!(
            answer.body.get("errors").is_none(),
            "{document}\nwas answered with {:#}",
            answer.body
        );
        Ok(answer.body["data"].take())
    }

    /// Sends a mutation that takes one `input` and returns its payload, user errors included.
    ///
    /// `selection` is what is selected from the payload besides `userErrors`.
    pub async fn mutate(&self, mutation: &str, input: Value, selection: &str) -> Result<Value> {
        let answer = self.try_mutate(mutation, input, selection).await?;
        ensure!(
            answer.body.get("errors").is_none(),
            "{mutation} was answered with {:#}",
            answer.body
        );
        Ok(answer.body["data"][mutation].clone())
    }

    /// Like [`mutate`](Self::mutate), but returns the whole answer, so that a refusal can be looked at.
    pub async fn try_mutate(
        &self,
        mutation: &str,
        input: Value,
        selection: &str,
    ) -> Result<Answer> {
        let input_type = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ field code message }} }} }}"
        );
        self.send(&document, json!({"input": input})).await
    }

    /// Like [`mutate`](Self::mutate); any user error is a failure.
    pub async fn succeed(&self, mutation: &str, input: Value, selection: &str) -> Result<Value> {
        let payload = self.mutate(mutation, input, selection).await?;
        ensure!(
            payload["userErrors"] == json!([]),
            "{mutation} was refused: {:#}",
            payload["userErrors"]
        );
        Ok(payload)
    }
}
