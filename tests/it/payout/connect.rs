//! Keys of the services that pay.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Payouts, Reply, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    each_key_is_tested_at_its_own_service,
    a_key_that_is_refused_is_not_stored,
];

const APP: &str = "connectedApp { status lastHealthCheck { ok message } }";

async fn each_key_is_tested_at_its_own_service(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let jackfield = Jackfield::with(engine, &["payout", "stripe"]).await?;
    let owner = jackfield.owner();
    let mut accounts = Vec::new();
    for scheme in ["stripe", "lob", "checkbook", "endpoint"] {
        let connected = owner
            .succeed("connectApp", payouts.input(scheme), APP)
            .await?;
        let app = &connected["connectedApp"];
        assert_eq!(app["status"], "CONNECTED", "{app:#}");
        accounts.push(app["lastHealthCheck"]["message"].clone());
    }
    let endpoint = payouts
        .outside
        .url("")
        .trim_start_matches("http://")
        .to_owned();
    assert_eq!(
        json!(accounts),
        json!([
            "Stripe, test mode",
            "Lob",
            "Checkbook, Acme Cleaning",
            endpoint.trim_end_matches('/')
        ])
    );
    let requests = payouts.outside.requests();
    let sent: Vec<(&str, &str)> = requests
        .iter()
        .map(|request| (request.path.as_str(), request.header("authorization")))
        .collect();
    assert_eq!(
        sent,
        [
            ("/v1/balance", "Bearer sk_test_of_the_platform"),
            // `test_of_the_account:`
            ("/v1/bank_accounts", "Basic dGVzdF9vZl90aGVfYWNjb3VudDo="),
            ("/v3/user", "key-of-the-user:secret-of-the-user"),
        ]
    );
    jackfield.finish().await
}

async fn a_key_that_is_refused_is_not_stored(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let jackfield = Jackfield::with(engine, &["payout", "stripe"]).await?;
    let owner = jackfield.owner();
    let error = json!({"message": "Your API key is not valid.", "status_code": 401, "code": "invalid_api_key"});
    let refused = Reply::json(401, &json!({"error": error}));
    payouts.outside.answer("/v1/bank_accounts", [refused]);
    let refused = owner
        .mutate("connectApp", payouts.input("lob"), APP)
        .await?;
    assert_eq!(
        refused,
        json!({"connectedApp": Value::Null, "userErrors": [{
            "field": ["input", "credentials"], "code": "CREDENTIALS_REFUSED",
            "message": "Payouts does not take these credentials: api.lob.com answered 401: Your API key is not valid.",
        }]})
    );
    jackfield.finish().await
}
