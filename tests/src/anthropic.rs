//! A scripted Anthropic.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply};

/// Answers as Anthropic does, on loopback.
pub struct Anthropic {
    /// What reaches it.
    pub outside: Receiver,
}

impl Anthropic {
    /// A server that takes every key, has these models, and says hello.
    pub async fn start(models: &[&str]) -> Result<Self> {
        let outside = Receiver::start().await?;
        let model = |id: &&str| json!({"type": "model", "id": id, "display_name": id, "lifecycle": "active", "created_at": "2026-09-01T00:00:00Z"});
        let models: Vec<Value> = models.iter().map(model).collect();
        let list = json!({"data": models, "has_more": false, "first_id": null, "last_id": null});
        outside.answer("/v1/models", [Reply::json(200, &list)]);
        outside.answer("/v1/messages", [Self::said("Hello!")]);
        Ok(Self { outside })
    }

    /// What it answers with content.
    #[must_use]
    pub fn said(text: &str) -> Reply {
        let message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 12, "output_tokens": 7},
        });
        Reply::json(200, &message)
    }

    /// What it answers when it does not take something.
    #[must_use]
    pub fn refused(status: u16, kind: &str, message: &str) -> Reply {
        let error = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"});
        Reply::json(status, &error)
    }

    /// What was asked.
    #[must_use]
    pub fn asked(&self) -> Vec<Value> {
        let requests = self.outside.requests_to("/v1/messages");
        requests.iter().map(|request| request.json()).collect()
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "anthropic", "name": "Claude", "credentials": {"apiKey": "sk-ant-key-of-the-workspace"},
            "settings": {"origins": {"https://api.anthropic.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it and returns its id.
    pub async fn connect(&self, client: &Client) -> Result<Value> {
        client.connect_app(self.input()).await
    }
}
