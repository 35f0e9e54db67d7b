//! A scripted Slack, and how it signs what it tells.

use anyhow::Result;
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::authorization_server::decode;
use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply, Request};
use crate::stripe::unix_now;
use crate::workflow::text;

/// What it signs with.
const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Answers as Slack does, on loopback.
pub struct Slack {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to Slack.
pub struct SlackApp {
    /// Its id.
    pub id: Value,
    /// The address to which Slack sends.
    pub hook: InboundHook,
}

impl Slack {
    /// A server that takes every token and message, of a workspace with the channel `#operations`.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let identity = json!({"team": "Acme", "user": "bookings", "team_id": "T0123456789", "user_id": "U0123456789"});
        outside.answer("/api/auth.test", [Self::ok(identity)]);
        let channels =
            json!({"channels": [{"id": "C0123456789", "name": "operations", "is_member": true}]});
        outside.answer("/api/conversations.list", [Self::ok(channels)]);
        outside.answer("/api/chat.postMessage", [Self::sent()]);
        let created = json!({"channel": {"id": "C0123456790", "name": "job-12"}});
        outside.answer("/api/conversations.create", [Self::ok(created)]);
        outside.answer("/api/reactions.add", [Self::ok(json!({}))]);
        Ok(Self { outside })
    }

    /// What it answers to what it has done.
    #[must_use]
    pub fn ok(mut answer: Value) -> Reply {
        answer["ok"] = true.into();
        Reply::json(200, &answer)
    }

    /// What it answers to a message.
    #[must_use]
    pub fn sent() -> Reply {
        Self::ok(json!({"channel": "C0123456789", "ts": "1700000000.000100"}))
    }

    /// What it answers when it does not do something.
    #[must_use]
    pub fn refused(status: u16, error: &str) -> Reply {
        Reply::json(status, &json!({"ok": false, "error": error}))
    }

    /// The messages that reached it.
    #[must_use]
    pub fn messages(&self) -> Vec<Request> {
        self.outside.requests_to("/api/chat.postMessage")
    }

    /// What the messages that reached it say, and the message that each replies to.
    #[must_use]
    pub fn said(&self) -> Vec<(String, String)> {
        let messages = self.messages().into_iter();
        let read = messages.map(|message| {
            let mut form = decode(&message.text());
            let mut field = |name: &str| form.remove(name).unwrap_or_default();
            (field("text"), field("thread_ts"))
        });
        read.collect()
    }

    fn origins(&self) -> Value {
        json!({"origins": {"https://slack.com": self.outside.url("").trim_end_matches('/')}})
    }

    /// The input that connects an app to it with a token.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "slack", "name": "Workspace", "settings": self.origins(),
            "credentials": {"scheme": "bot_token", "botToken": "xoxb-token-of-the-tests", "webhookSecret": SIGNING_SECRET},
        })
    }

    /// The input that connects an app to it to which a person grants access.
    #[must_use]
    pub fn input_for_a_person(&self) -> Value {
        json!({
            "provider": "slack", "name": "Workspace", "settings": self.origins(),
            "credentials": {"scheme": "oauth2", "clientId": "123.456", "clientSecret": "s3cret"},
        })
    }

    /// Connects an app to it with a token.
    pub async fn connect(&self, client: &Client) -> Result<SlackApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        Ok(SlackApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }
}

impl SlackApp {
    /// Posts JSON as Slack signs it now.
    pub async fn post(&self, body: &Value) -> Result<HookAnswer> {
        self.post_as("application/json", &body.to_string()).await
    }

    /// Posts a slash command or an interaction as Slack signs it now.
    pub async fn post_form(&self, body: &str) -> Result<HookAnswer> {
        self.post_as("application/x-www-form-urlencoded", body)
            .await
    }

    async fn post_as(&self, content_type: &str, body: &str) -> Result<HookAnswer> {
        let now = unix_now().to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SIGNING_SECRET.as_bytes());
        let signature = hmac::sign(&key, format!("v0:{now}:{body}").as_bytes());
        let signature = format!("v0={}", hex::encode(signature));
        let headers = [
            ("content-type", content_type),
            ("x-slack-request-timestamp", now.as_str()),
            ("x-slack-signature", signature.as_str()),
        ];
        self.hook.post(&headers, body.to_owned()).await
    }
}
