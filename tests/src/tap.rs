//! A scripted Tap, and how it tells what happens.

use anyhow::Result;
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply, Request};
use crate::workflow::text;

const SECRET_KEY: &str = "sk_test_keyofthetests1234";

/// Answers as Tap does, on loopback.
pub struct Tap {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to Tap.
pub struct TapApp {
    /// Its id.
    pub id: Value,
    /// The address that charges are given.
    pub hook: InboundHook,
}

impl Tap {
    /// Where customers are charged.
    pub const CHARGES: &str = "/v2/charges/";
    /// Where charges are paid back.
    pub const REFUNDS: &str = "/v2/refunds/";

    /// An account whose key is right, and whose customers pay.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let unknown = Self::wrong(400, "1143", "Charge id is invalid");
        outside.answer("/v2/charges/chg_none", [unknown]);
        outside.answer(Self::CHARGES, [Self::charge("CAPTURED", "000", "Captured")]);
        let refund = json!({
            "id": "re_1", "object": "refund", "status": "PENDING", "amount": 0.5, "currency": "KWD", "charge_id": "chg_1",
            "response": {"code": "100", "message": "Pending"},
        });
        outside.answer(Self::REFUNDS, [Reply::json(200, &refund)]);
        Ok(Self { outside })
    }

    /// What it answers to a charge.
    #[must_use]
    pub fn charge(status: &str, code: &str, message: &str) -> Reply {
        Reply::json(
            200,
            &json!({
                "id": "chg_1", "object": "charge", "status": status, "amount": 1.5, "currency": "KWD",
                "response": {"code": code, "message": message},
            }),
        )
    }

    /// What it answers when something is wrong.
    #[must_use]
    pub fn wrong(status: u16, code: &str, description: &str) -> Reply {
        Reply::json(
            status,
            &json!({"errors": [{"code": code, "description": description}]}),
        )
    }

    /// The charges that reached it.
    #[must_use]
    pub fn charges(&self) -> Vec<Request> {
        self.outside.requests_to(Self::CHARGES)
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "tap", "name": "Payments", "credentials": {"secretKey": SECRET_KEY, "webhookSecret": SECRET_KEY},
            "settings": {"origins": {"https://api.tap.company": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it.
    pub async fn connect(&self, client: &Client) -> Result<TapApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        Ok(TapApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }
}

impl TapApp {
    /// Tells what became of a charge, signed with the account's key or another one.
    pub async fn charged(&self, status: &str, key: Option<&str>) -> Result<HookAnswer> {
        let body = json!({
            "id": "chg_1", "object": "charge", "status": status, "amount": 1.5, "currency": "KWD",
            "transaction": {"created": "1694521980000"}, "reference": {"gateway": "1234", "payment": "5678", "order": "bk_2041"},
        });
        let signed = format!(
            "x_idchg_1x_amount1.500x_currencyKWDx_gateway_reference1234x_payment_reference5678x_status{status}x_created1694521980000"
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.unwrap_or(SECRET_KEY).as_bytes());
        let signature = hex::encode(hmac::sign(&key, signed.as_bytes()));
        let headers = [
            ("content-type", "application/json"),
            ("hashstring", &*signature),
        ];
        self.hook.post(&headers, body.to_string()).await
    }
}
