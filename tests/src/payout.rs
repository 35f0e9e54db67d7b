//! Scripted services that pay: Stripe Connect, Lob, Checkbook, and an endpoint of one's own.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::receiver::{Receiver, Reply, Request};

/// Answers as all of them do, on loopback.
pub struct Payouts {
    /// What reaches them.
    pub outside: Receiver,
}

impl Payouts {
    /// Where money is transferred.
    pub const TRANSFERS: &str = "/v1/transfers";
    /// Where checks on paper are drawn.
    pub const CHECKS: &str = "/v1/checks";
    /// Where checks by e-mail are drawn.
    pub const DIGITAL_CHECKS: &str = "/v3/check/digital";
    /// Where the endpoint is.
    pub const ENDPOINT: &str = "/payroll/payouts";

    /// Services that take every key, and pay.
    pub async fn start() -> Result<Self> {
        let outside = Receiver::start().await?;
        let answers = [
            (
                "/v1/balance",
                json!({"object": "balance", "livemode": false}),
            ),
            (
                "/v1/bank_accounts",
                json!({"object": "list", "data": [], "count": 0}),
            ),
            ("/v3/user", json!({"id": "u_1", "name": "Acme Cleaning"})),
            (
                Self::CHECKS,
                json!({"id": "chk_1", "object": "check", "amount": 129.5, "expected_delivery_date": "2026-12-05"}),
            ),
            (
                Self::DIGITAL_CHECKS,
                json!({"id": "c_1", "status": "IN_PROCESS", "amount": 129.5}),
            ),
            (Self::ENDPOINT, json!({"id": "p_1", "status": "queued"})),
        ];
        for (path, answer) in &answers {
            outside.answer(path, [Reply::json(200, answer)]);
        }
        outside.answer(Self::TRANSFERS, [Self::transferred()]);
        Ok(Self { outside })
    }

    /// What Stripe answers to a transfer.
    #[must_use]
    pub fn transferred() -> Reply {
        let transfer = json!({
            "id": "tr_1", "object": "transfer", "amount": 12950, "currency": "usd", "destination": "acct_1", "reversed": false,
        });
        Reply::json(200, &transfer)
    }

    /// What Stripe says when something is wrong.
    #[must_use]
    pub fn refused(status: u16, code: &str, message: &str) -> Reply {
        let error = json!({"type": "invalid_request_error", "code": code, "message": message});
        Reply::json(status, &json!({"error": error}))
    }

    /// The requests at a path.
    #[must_use]
    pub fn asked(&self, path: &str) -> Vec<Request> {
        self.outside.requests_to(path)
    }

    /// Connects an app with credentials of a scheme, and returns its id.
    pub async fn connect(&self, client: &Client, scheme: &str) -> Result<Value> {
        client.connect_app(self.input(scheme)).await
    }

    /// The input that connects an app with credentials of a scheme.
    #[must_use]
    pub fn input(&self, scheme: &str) -> Value {
        let here = self.outside.url("");
        let here = here.trim_end_matches('/');
        let mut credentials = match scheme {
            "stripe" => json!({"secretKey": "sk_test_of_the_platform"}),
            "lob" => json!({"lobKey": "test_of_the_account"}),
            "checkbook" => {
                json!({"checkbookKey": "key-of-the-user", "checkbookSecret": "secret-of-the-user"})
            }
            _ => json!({"endpointToken": "token-of-the-payroll"}),
        };
        credentials["scheme"] = scheme.into();
        json!({
            "provider": "payout", "name": scheme, "credentials": credentials,
            "settings": {
                "origins": {"https://api.stripe.com": here, "https://api.lob.com": here, "https://api.checkbook.io": here},
                "bankAccount": "bank_1", "from": "adr_1", "endpoint": format!("{here}{}", Self::ENDPOINT),
            },
        })
    }
}
