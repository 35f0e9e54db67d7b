//! A scripted Authorize.net, and how it tells what happens.

use anyhow::Result;
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::client::Client;
use crate::hook::{HookAnswer, InboundHook};
use crate::receiver::{Receiver, Reply, Request};
use crate::workflow::text;

const PATH: &str = "/xml/v1/request.api";
const SIGNATURE_KEY: &str = "9F2C1D7A44E0B8A3";

/// Answers as Authorize.net does, on loopback.
pub struct AuthorizeNet {
    /// What reaches it.
    pub outside: Receiver,
}

/// An app that is connected to Authorize.net.
pub struct AuthorizeNetApp {
    /// Its id.
    pub id: Value,
    /// The address that was entered at Authorize.net.
    pub hook: InboundHook,
}

impl AuthorizeNet {
    /// The key that goes in the body of each request.
    pub const TRANSACTION_KEY: &str = "transaction-key-of-the-tests";

    /// An account whose keys are right.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        outside.answer(PATH, [answered(&Value::Null)]);
        Ok(Self { outside })
    }

    /// Scripts what comes of transactions.
    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.outside.answer(PATH, replies);
    }

    /// A transaction that was approved.
    #[must_use]
    pub fn approved() -> Reply {
        answered(
            &json!({"responseCode": "1", "authCode": "HW617E", "transId": "60000000001", "accountNumber": "XXXX1111", "accountType": "Visa"}),
        )
    }

    /// A transaction that was not.
    #[must_use]
    pub fn refused(code: &str, reason: &str, text: &str) -> Reply {
        answered(
            &json!({"responseCode": code, "transId": "0", "errors": [{"errorCode": reason, "errorText": text}]}),
        )
    }

    /// A request that was not understood.
    #[must_use]
    pub fn wrong(code: &str, text: &str) -> Reply {
        Reply::json(
            200,
            &json!({"messages": {"resultCode": "Error", "message": [{"code": code, "text": text}]}}),
        )
    }

    /// The transactions that reached it.
    #[must_use]
    pub fn transactions(&self) -> Vec<Request> {
        let mut requests = self.outside.requests_to(PATH);
        requests.retain(|request| request.json()["createTransactionRequest"].is_object());
        requests
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "authorize-net", "name": "Payments",
            "credentials": {"loginId": "login-of-the-tests", "transactionKey": Self::TRANSACTION_KEY, "webhookSecret": SIGNATURE_KEY},
            "settings": {"origins": {"https://api2.authorize.net": self.outside.url("").trim_end_matches('/')}},
        })
    }

    /// Connects an app to it.
    pub async fn connect(&self, client: &Client) -> Result<AuthorizeNetApp> {
        let fields = "connectedApp { id inboundHook { id url } }";
        let connected = client.succeed("connectApp", self.input(), fields).await?;
        let app = &connected["connectedApp"];
        Ok(AuthorizeNetApp {
            id: app["id"].clone(),
            hook: InboundHook {
                id: text(&app["inboundHook"]["id"])?,
                url: text(&app["inboundHook"]["url"])?,
                node_key: String::new(),
            },
        })
    }
}

impl AuthorizeNetApp {
    /// Tells that a payment was made, signed with the account's key or another one.
    pub async fn paid(&self, notification: &str, key: Option<&str>) -> Result<HookAnswer> {
        let body = json!({
            "notificationId": notification, "eventType": "net.authorize.payment.authcapture.created", "eventDate": "2026-11-28T03:00:00.123Z",
            "webhookId": "63d6fea2-aa13-4b1d-a204-f5fbc15942b7",
            "payload": {"responseCode": 1, "authAmount": 129.5, "invoiceNumber": "INV-7", "entityName": "transaction", "id": "60000000001"},
        })
        .to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA512, key.unwrap_or(SIGNATURE_KEY).as_bytes());
        let signature = hex::encode_upper(hmac::sign(&key, body.as_bytes()));
        let signature = format!("sha512={signature}");
        let headers = [
            ("content-type", "application/json"),
            ("x-anet-signature", &*signature),
        ];
        self.hook.post(&headers, body).await
    }
}

/// As Authorize.net writes answers: with a byte order mark.
fn answered(transaction: &Value) -> Reply {
    let mut body = json!({"messages": {"resultCode": "Ok", "message": [{"code": "I00001", "text": "Successful."}]}});
    if !transaction.is_null() {
        body["transactionResponse"] = transaction.clone();
    }
    Reply::bytes(
        200,
        "application/json; charset=utf-8",
        format!("\u{feff}{body}"),
    )
}
