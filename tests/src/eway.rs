//! A scripted eWay.

use anyhow::Result;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Reply, Request};

/// Answers as eWay's Rapid API does, on loopback.
pub struct Eway {
    /// What reaches it.
    pub outside: Receiver,
}

impl Eway {
    /// Where customers are charged.
    pub const CHARGES: &str = "/Transaction";
    /// Where a payment is paid back.
    pub const REFUNDS: &str = "/Transaction/11872526/Refund";

    /// An account that is known, whose customers pay.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let none = json!({"Transactions": [], "Errors": ""});
        outside.answer("/Transaction/0", [Reply::json(200, &none)]);
        outside.answer(Self::CHARGES, [Self::approved()]);
        outside.answer(Self::REFUNDS, [Self::approved()]);
        Ok(Self { outside })
    }

    /// A transaction that was approved.
    #[must_use]
    pub fn approved() -> Reply {
        Reply::json(
            200,
            &json!({
                "AuthorisationCode": "393805", "ResponseCode": "00", "ResponseMessage": "A2000", "TransactionID": 11872526,
                "TransactionStatus": true, "Errors": null,
            }),
        )
    }

    /// A transaction that the bank did not approve.
    #[must_use]
    pub fn declined(code: &str) -> Reply {
        Reply::json(
            200,
            &json!({"ResponseCode": "51", "ResponseMessage": code, "TransactionID": 11872527, "TransactionStatus": false, "Errors": null}),
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
            "provider": "eway", "name": "Payments",
            "credentials": {"apiKey": "key-of-the-tests", "password": "password-of-the-tests"},
            "settings": {"origins": {"https://api.ewaypayments.com": self.outside.url("").trim_end_matches('/')}},
        })
    }
}
