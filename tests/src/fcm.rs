//! A scripted Firebase Cloud Messaging, with Google's tokens.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::jwt::ServiceKey;
use crate::receiver::{Receiver, Reply, Request};

/// Answers as FCM does, on loopback.
pub struct Fcm {
    /// What reaches it.
    pub outside: Receiver,
    /// The key of the service account.
    pub key: ServiceKey,
}

impl Fcm {
    /// Where messages are sent.
    pub const SEND: &str = "/v1/projects/acme-4711/messages:send";

    /// A server that gives tokens and takes every message.
    pub async fn start() -> Result<Self> {
        let fcm = Self {
            outside: Receiver::start().await?,
            key: ServiceKey::generate()?,
        };
        let token = json!({"access_token": "ya29.of-the-tests", "token_type": "Bearer", "expires_in": 3599});
        fcm.outside.answer("/token", [Reply::json(200, &token)]);
        fcm.messages([Self::taken()]);
        Ok(fcm)
    }

    /// Answers messages in this way, the last one from then on.
    pub fn messages(&self, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer(Self::SEND, replies);
    }

    /// What it answers to a message that it takes.
    #[must_use]
    pub fn taken() -> Reply {
        let name = "projects/acme-4711/messages/0:1500415314455276%31bd1c9631bd1c96";
        Reply::json(200, &json!({"name": name}))
    }

    /// What it answers when something is wrong.
    #[must_use]
    pub fn error(code: u16, status: &str, name: &str, message: &str) -> Reply {
        let kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
        let details = match name {
            "" => json!([]),
            name => json!([{"@type": kind, "errorCode": name}]),
        };
        let error = json!({"code": code, "message": message, "status": status, "details": details});
        Reply::json(code, &json!({"error": error}))
    }

    /// The messages that reached it and were to be sent.
    #[must_use]
    pub fn sent(&self) -> Vec<Request> {
        let mut requests = self.outside.requests_to(Self::SEND);
        requests.retain(|request| request.json().get("validate_only").is_none());
        requests
    }

    /// The input that connects a service account to it.
    #[must_use]
    pub fn input(&self) -> Value {
        let here = self.outside.url("");
        let here = here.trim_end_matches('/');
        json!({
            "provider": "fcm", "name": "Push",
            "settings": {"origins": {"https://fcm.googleapis.com": here, "https://oauth2.googleapis.com": here}},
            "credentials": {
                "clientEmail": "firebase-adminsdk@acme-4711.iam.gserviceaccount.com", "privateKey": self.key.pem,
                "privateKeyId": "key-7",
            },
        })
    }

    /// Connects a service account to it and returns the app's id.
    pub async fn connect(&self, client: &Client) -> Result<Value> {
        client.connect_app(self.input()).await
    }
}
