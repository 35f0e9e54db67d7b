//! A scripted Quo, and how it signs its webhooks in both of its generations.

use anyhow::Result;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply};
use crate::stripe::unix_now;
use crate::workflow::text;

/// What a webhook of the current generation is signed with.
const CURRENT: &str = "whsec_cXVvLXNpZ25zLXdpdGgtdGhpcw==";
/// What one of the older generation is signed with.
const OLDER: &str = "b3BlbnBob25lLXNpZ25zLXdpdGgtdGhpcw==";

/// Answers as Quo does, on loopback.
pub struct Quo {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to Quo.
pub struct QuoApp {
    /// Its id.
    pub id: Value,
    /// The address at which Quo's webhooks arrive.
    pub hook: InboundHook,
}

impl Quo {
    /// A server that takes every key and message, of a workspace with these numbers.
    pub async fn start(numbers: &[&str]) -> Result<Self> {
        let outside = Receiver::start().await?;
        let number = |number: &&str| json!({"id": "PN123abc", "number": number, "name": "Main Business Line"});
        let numbers: Vec<Value> = numbers.iter().map(number).collect();
        outside.answer(
            "/v1/phone-numbers",
            [Reply::json(200, &json!({"data": numbers}))],
        );
        outside.answer("/v1/messages", [Self::taken()]);
        Ok(Self { outside })
    }

    /// What it answers to a message.
    #[must_use]
    pub fn taken() -> Reply {
        let message = json!({
            "id": "AC123abc", "to": ["+15551230000"], "from": "+15550100", "text": "Hello", "phoneNumberId": "PN123abc",
            "direction": "outgoing", "userId": "US123abc", "status": "queued", "createdAt": "2026-11-27T10:00:00Z",
            "updatedAt": "2026-11-27T10:00:00Z",
        });
        Reply::json(202, &json!({"data": message}))
    }

    /// What it answers when it does not take something.
    #[must_use]
    pub fn refused(status: u16, message: &str) -> Reply {
        let error = json!({"message": message, "docs": "https://www.quo.com/docs", "title": "Refused", "trace": "6897907457496870895"});
        Reply::json(status, &error)
    }

    /// The messages that reached it.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        let requests = self.outside.requests_to("/v1/messages");
        requests.iter().map(|request| request.json()).collect()
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "quo", "name": "Phone",
            "credentials": {"apiKey": "key-of-the-workspace", "webhookSecret": CURRENT},
            "settings": {"origins": {"https://api.openphone.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it.
    pub async fn connect(&self, client: &Client) -> Result<QuoApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        Ok(QuoApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }
}

impl QuoApp {
    /// Has the hook believe webhooks of both generations.
    pub async fn believe_both(&self, client: &Client) -> Result<()> {
        let input = json!({"inboundHookId": self.hook.id, "secret": [CURRENT, OLDER]});
        let changed = client.succeed("updateInboundHook", input, "inboundHook { id }");
        changed.await.map(drop)
    }

    /// Posts an event as the current generation signs it: Standard Webhooks.
    pub async fn post(&self, event: &Value) -> Result<HookAnswer> {
        let (body, now) = (event.to_string(), unix_now().to_string());
        let key = CURRENT.trim_start_matches("whsec_");
        let signature = sign(key, &format!("msg_1.{now}.{body}"));
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", now.as_str()),
            ("webhook-signature", &format!("v1,{signature}")),
        ];
        self.hook.post(&headers, body).await
    }

    /// Posts an event as the older generation signs it.
    pub async fn post_older(&self, event: &Value) -> Result<HookAnswer> {
        let (body, now) = (event.to_string(), unix_now() * 1_000);
        let signature = sign(OLDER, &format!("{now}.{body}"));
        let header = format!("hmac;1;{now};{signature}");
        let headers = [
            ("content-type", "application/json"),
            ("openphone-signature", header.as_str()),
        ];
        self.hook.post(&headers, body).await
    }
}

/// HMAC-SHA256 in base64 with a key in base64.
fn sign(key: &str, text: &str) -> String {
    let key = STANDARD.decode(key).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}
