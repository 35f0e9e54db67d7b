//! A scripted Postmark, and what nearly every test does with it.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply};

/// Answers as Postmark does, on loopback.
pub struct Postmark {
    /// What reaches it.
    pub outside: Receiver,
}

impl Postmark {
    /// A server that takes every token and mail, of an account without sender signatures.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let postmark = Self { outside };
        postmark.accept();
        postmark.senders(&[]);
        let sent = json!({
            "To": "ada@example.com", "SubmittedAt": "2026-11-27T10:00:00Z", "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817",
            "ErrorCode": 0, "Message": "OK",
        });
        for path in ["/email", "/email/withTemplate"] {
            postmark.outside.answer(path, [Reply::json(200, &sent)]);
        }
        Ok(postmark)
    }

    /// Takes the server token from now on.
    pub fn accept(&self) {
        let server = json!({"ID": 1, "Name": "Example Production"});
        self.outside.answer("/server", [Reply::json(200, &server)]);
    }

    /// Refuses the server token from now on.
    pub fn refuse(&self) {
        let error =
            json!({"ErrorCode": 10, "Message": "Request does not contain a valid Server token."});
        self.outside.answer("/server", [Reply::json(401, &error)]);
    }

    /// Fails from now on, whatever the token.
    pub fn fail(&self) {
        self.outside.answer(
            "/server",
            [Reply::bytes(503, "text/plain", "down for maintenance")],
        );
    }

    /// Has these sender signatures from now on, each with whether it is confirmed.
    pub fn senders(&self, senders: &[(&str, bool)]) {
        let signature = |(address, confirmed): &(&str, bool)| {
            json!({
                "ID": 1, "Domain": "example.com", "EmailAddress": address, "Name": "Example", "Confirmed": confirmed,
                "ReplyToEmailAddress": "",
            })
        };
        let signatures: Vec<Value> = senders.iter().map(signature).collect();
        let list = json!({"TotalCount": senders.len(), "SenderSignatures": signatures});
        self.outside.answer("/senders", [Reply::json(200, &list)]);
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self, name: &str) -> Value {
        json!({
            "provider": "postmark", "name": name,
            "credentials": {"serverToken": "server-token-1234", "accountToken": "account-token-5678"},
            "settings": {"origins": {"https://api.postmarkapp.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it and returns its id.
    pub async fn connect(&self, client: &Client, name: &str) -> Result<Value> {
        client.connect_app(self.input(name)).await
    }
}
