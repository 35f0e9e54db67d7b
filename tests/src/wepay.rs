//! A scripted WePay.

use anyhow::Result;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Reply, Request};

/// Answers as WePay's documentation says, on loopback.
pub struct WePay {
    /// What reaches it.
    pub outside: Receiver,
}

impl WePay {
    /// Where customers are charged.
    pub const PAYMENTS: &str = "/payments";
    /// Where payments are paid back.
    pub const REFUNDS: &str = "/refunds";

    /// An app whose token is right, and whose customers pay.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        outside.answer("/accounts", [Reply::json(200, &json!({"results": []}))]);
        outside.answer(Self::PAYMENTS, [Self::payment("completed")]);
        let refund = json!({"id": "refund-1", "resource": "refunds", "status": "pending"});
        outside.answer(Self::REFUNDS, [Reply::json(200, &refund)]);
        Ok(Self { outside })
    }

    /// A payment in this status.
    #[must_use]
    pub fn payment(status: &str) -> Reply {
        Reply::json(
            200,
            &json!({"id": "payment-1", "resource": "payments", "status": status, "amount": 12950, "currency": "USD"}),
        )
    }

    /// What it answers when something is wrong.
    #[must_use]
    pub fn wrong(status: u16, code: &str, message: &str) -> Reply {
        Reply::json(
            status,
            &json!({"error_code": code, "error_message": message, "details": []}),
        )
    }

    /// The payments that reached it.
    #[must_use]
    pub fn payments(&self) -> Vec<Request> {
        self.outside.requests_to(Self::PAYMENTS)
    }

    /// The input that connects an app to it.
    #[must_use]
    pub fn input(&self) -> Value {
        json!({
            "provider": "wepay", "name": "Payments", "credentials": {"appId": "123456", "appToken": "token-of-the-tests"},
            "settings": {
                "account": "account-1", "origins": {"https://api.wepay.com": self.outside.url("").trim_end_matches('/')},
            },
        })
    }
}
