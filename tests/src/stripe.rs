//! A scripted Stripe, and how Stripe signs its webhooks.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply, Request};

/// What it signs the webhooks of a connected app with.
pub const WEBHOOK_SECRET: &str = "whsec_c3RyaXBlLXNpZ25zLXdpdGgtdGhpcw";

/// Answers as Stripe does, on loopback.
pub struct Stripe {
    /// What reaches it.
    pub outside: Receiver,
}

impl Stripe {
    /// A server that takes every key and makes every payment, of an account without webhook endpoints.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let stripe = Self { outside };
        let balance = json!({"object": "balance", "livemode": false});
        stripe
            .outside
            .answer("/v1/balance", [Reply::json(200, &balance)]);
        stripe.payments([Self::paid()]);
        stripe.endpoints(&[]);
        Ok(stripe)
    }

    /// Answers charges in this way, the last one from then on.
    pub fn payments(&self, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer("/v1/payment_intents", replies);
    }

    /// Has a customer with this e-mail address and a saved card from now on.
    pub fn customer(&self, email: &str) {
        let settings = json!({"default_payment_method": "pm_1"});
        let customer = json!({"id": "cus_1", "email": email, "invoice_settings": settings});
        let list = json!({"object": "list", "data": [customer], "has_more": false});
        self.outside
            .answer("/v1/customers", [Reply::json(200, &list)]);
    }

    /// A payment that was made.
    #[must_use]
    pub fn paid() -> Reply {
        let payment = json!({
            "id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": 12900, "currency": "eur", "customer": null,
            "latest_charge": "ch_1", "client_secret": "pi_1_secret_nobody_needs",
        });
        Reply::json(200, &payment)
    }

    /// What Stripe says when something is wrong.
    #[must_use]
    pub fn error(status: u16, kind: &str, code: &str, message: &str) -> Reply {
        let error = json!({"error": {"type": kind, "code": code, "message": message}});
        Reply::json(status, &error)
    }

    /// Has these webhook endpoints from now on, each with whether it is enabled.
    pub fn endpoints(&self, endpoints: &[(&str, bool)]) {
        let endpoint = |(url, enabled): &(&str, bool)| {
            json!({
                "id": "we_1", "object": "webhook_endpoint", "url": url, "status": if *enabled { "enabled" } else { "disabled" },
                "enabled_events": ["*"], "description": null, "livemode": false,
            })
        };
        let data: Vec<Value> = endpoints.iter().map(endpoint).collect();
        let list = json!({"object": "list", "data": data, "has_more": false});
        self.outside
            .answer("/v1/webhook_endpoints", [Reply::json(200, &list)]);
    }

    /// The charges that reached it.
    #[must_use]
    pub fn charges(&self) -> Vec<Request> {
        self.outside.requests_to("/v1/payment_intents")
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self, name: &str) -> Value {
        json!({
            "provider": "stripe", "name": name,
            "credentials": {"secretKey": "sk_test_keyofthetests1234", "webhookSecret": WEBHOOK_SECRET},
            "settings": {"origins": {"https://api.stripe.com": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it and returns its id.
    pub async fn connect(&self, client: &Client, name: &str) -> Result<Value> {
        let connected = client
            .succeed("connectApp", self.input(name), "connectedApp { id }")
            .await?;
        Ok(connected["connectedApp"]["id"].clone())
    }
}

/// An event as Stripe sends it.
pub const PAYMENT_SUCCEEDED: &str = include_str!("payment_intent.succeeded.json");

/// The value of `Stripe-Signature` for a body sent now.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    sign_at(secret, body, unix_now())
}

/// The value of `Stripe-Signature` for a body sent at `timestamp`, in seconds since 1970.
#[must_use]
pub fn sign_at(secret: &str, body: &[u8], timestamp: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{timestamp}.").as_bytes());
    context.update(body);
    format!("t={timestamp},v1={}", hex::encode(context.sign()))
}

/// Seconds since 1970, from the clock that the server under test reads too.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a signature for a real server must carry the real time"
)]
pub fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Stripe's own library.
    #[test]
    fn agrees_with_stripe() {
        assert_eq!(
            sign_at("whsec_test", br#"{"id":"evt_1"}"#, 1_700_000_000),
            "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"
        );
    }
}
