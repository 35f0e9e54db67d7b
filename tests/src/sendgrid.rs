//! A scripted SendGrid, and how it signs its events.

use anyhow::Result;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply};
use crate::workflow::text;

/// Answers as SendGrid does, on loopback.
pub struct SendGrid {
    /// What reaches it.
    pub outside: Receiver,
    /// What it signs its events with.
    pair: EcdsaKeyPair,
}

/// An app that is connected to SendGrid.
pub struct SendGridApp {
    /// Its id.
    pub id: Value,
    /// The address at which SendGrid's events arrive.
    pub hook: InboundHook,
}

impl SendGrid {
    /// A server that takes every key and mail, of an account with these senders, each with whether it is verified.
    pub async fn start(senders: &[(&str, bool)]) -> Result<Self> {
        let sendgrid = Self {
            outside: Receiver::start().await?,
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?,
        };
        let scopes = json!({"scopes": ["mail.send"]});
        sendgrid
            .outside
            .answer("/v3/scopes", [Reply::json(200, &scopes)]);
        let sender = |(email, verified): &(&str, bool)| json!({"id": 1, "nickname": "Example", "from_email": email, "from_name": "Example", "verified": verified, "locked": false});
        let senders: Vec<Value> = senders.iter().map(sender).collect();
        let list = json!({"results": senders});
        sendgrid
            .outside
            .answer("/v3/verified_senders", [Reply::json(200, &list)]);
        sendgrid.answer_mails([Self::taken()]);
        Ok(sendgrid)
    }

    /// Answers mails in this way, the last one from then on.
    pub fn answer_mails(&self, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer("/v3/mail/send", replies);
    }

    /// What it answers to a mail: nothing but a header.
    #[must_use]
    pub fn taken() -> Reply {
        Reply::bytes(202, "text/plain", "").header("x-message-id", "14c5d75ce93")
    }

    /// What it answers when it does not take something.
    #[must_use]
    pub fn refused(status: u16, field: Option<&str>, message: &str) -> Reply {
        let error = json!({"errors": [{"message": message, "field": field, "help": null}]});
        Reply::json(status, &error)
    }

    /// The mails that reached it.
    #[must_use]
    pub fn mails(&self) -> Vec<Value> {
        let requests = self.outside.requests_to("/v3/mail/send");
        requests.iter().map(|request| request.json()).collect()
    }

    /// The input that connects an app to it.
    pub fn input(&self) -> Result<Value> {
        let public: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        let here = self.outside.url("").trim_end_matches('/').to_owned();
        Ok(json!({
            "provider": "sendgrid", "name": "Mail",
            "credentials": {"apiKey": "SG.key-of-the-account", "webhookSecret": STANDARD.encode(public.as_ref())},
            "settings": {"origins": {"https://api.sendgrid.com": here}},
        }))
    }

    /// Connects an app to it.
    pub async fn connect(&self, client: &Client) -> Result<SendGridApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input()?, fields).await?;
        let app = &connected["connectedApp"];
        Ok(SendGridApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }

    /// Posts events as it signs them: ECDSA over the time and the body.
    pub async fn post(&self, app: &SendGridApp, events: &Value) -> Result<HookAnswer> {
        let (time, body) = ("1700000000", events.to_string());
        let signed = format!("{time}{body}");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes())?;
        let headers = [
            ("content-type", "application/json"),
            ("x-twilio-email-event-webhook-timestamp", time),
            (
                "x-twilio-email-event-webhook-signature",
                &STANDARD.encode(signature),
            ),
        ];
        app.hook.post(&headers, body).await
    }
}
