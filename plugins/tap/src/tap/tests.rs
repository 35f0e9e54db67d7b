use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::testing::{self, Ran, Reply};
use jackfield_plugin_sdk::{Error, code};

fn run(settings: &Value, config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin()).node("tap", config);
    let stage = stage.connected_app("tap", settings);
    replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

/// Some of these members beside those of a charge.
fn charges(more: &Value) -> Value {
    let mut config = json!({"operation": "charge", "amount": 1500, "currency": "KWD", "source": "tok_1", "customer": "cus_1"});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

fn answered(status: &str) -> Reply {
    Reply::json(
        200,
        &json!({"id": "chg_1", "object": "charge", "status": status, "response": {"code": "000", "message": "Captured"}}),
    )
}

fn key(ran: &Ran) -> Value {
    ran.requests.last().unwrap().json()["reference"]["idempotent"].clone()
}

#[test]
fn all_that_can_be_said_is_sent() {
    let config = charges(&json!({
        "amount": "129.50", "amountIn": "major", "currency": "aed", "description": "Spring clean", "redirectUrl": "https://example.com/thanks",
        "postUrl": "https://jackfield.example/hooks/1", "saveCard": true, "statementDescriptor": "ACME", "transaction": "txn_7",
        "order": "bk_2041", "emailReceipt": true, "metadata": {"job": "12"}, "threeDSecure": false,
    }));
    let ran = run(
        &json!({"merchant": "merchant_1"}),
        config,
        [answered("CAPTURED")],
    );
    let key = key(&ran);
    assert_eq!(
        ran.requests[0].json(),
        json!({
            "amount": 129.5, "currency": "AED", "customer_initiated": true, "threeDSecure": false, "save_card": true,
            "statement_descriptor": "ACME", "description": "Spring clean", "metadata": {"job": "12"},
            "reference": {"transaction": "txn_7", "order": "bk_2041", "idempotent": key}, "receipt": {"email": true, "sms": false},
            "customer": {"id": "cus_1"}, "merchant": {"id": "merchant_1"}, "source": {"id": "tok_1"},
            "post": {"url": "https://jackfield.example/hooks/1"}, "redirect": {"url": "https://example.com/thanks"},
        })
    );
    let paid = ran.output();
    assert_eq!(
        [&paid["id"], &paid["status"], &paid["amount"]],
        ["chg_1", "CAPTURED", "129.50"]
    );
}

#[test]
fn a_saved_card_is_charged_without_the_customer() {
    let config = charges(
        &json!({"source": "card_1", "customerInitiated": false, "paymentAgreement": "payment_agreement_1"}),
    );
    let token = Reply::json(200, &json!({"id": "tok_2", "object": "token"}));
    let ran = run(&json!({}), config, [token, answered("CAPTURED")]);
    assert_eq!(ran.requests[0].url, "https://api.tap.company/v2/tokens");
    assert_eq!(
        ran.requests[0].json(),
        json!({"saved_card": {"card_id": "card_1", "customer_id": "cus_1"}})
    );
    let key = key(&ran);
    assert_eq!(
        ran.requests[1].json(),
        json!({
            "amount": 1.5, "currency": "KWD", "customer_initiated": false, "threeDSecure": false,
            "payment_agreement": {"id": "payment_agreement_1"}, "reference": {"idempotent": key}, "customer": {"id": "cus_1"},
            "source": {"id": "tok_2"},
        })
    );
    assert!(ran.requests.iter().all(|request| request.repeatable));
}

#[test]
fn every_attempt_has_the_same_key() {
    let attempt = |attempt: u32| {
        let stage = testing::plugin(crate::plugin()).node("tap", charges(&json!({})));
        let stage = stage.connected_app("tap", &json!({})).attempt(attempt);
        key(&stage.reply(answered("CAPTURED")).run())
    };
    assert_eq!(attempt(1), attempt(2));
    let refund = json!({"operation": "refund", "charge": "chg_1", "amount": 1, "currency": "KWD"});
    let refund = run(&json!({}), refund, [answered("REFUNDED")]);
    assert_ne!(key(&refund), attempt(1));
    assert!(refund.requests[0].repeatable);
    let timeout = Error::new(code::TIMEOUT, "no answer").retryable();
    for lost in [Reply::error(timeout), Reply::new(502)] {
        assert!(
            run(&json!({}), charges(&json!({})), [lost])
                .error()
                .retryable
        );
    }
}

#[test]
fn what_did_not_succeed_is_an_error() {
    let told = |reply: Reply| {
        let ran = run(&json!({}), charges(&json!({})), [reply]);
        assert!(!ran.error().retryable);
        ran.error().to_string()
    };
    let declined = json!({"id": "chg_1", "status": "DECLINED", "response": {"code": "505", "message": "Declined, Insufficient Funds"}});
    assert_eq!(
        told(Reply::json(200, &declined)),
        "DECLINED: Tap says DECLINED: Declined, Insufficient Funds (505)."
    );
    assert!(told(answered("UNKNOWN")).ends_with("look it up there before it is tried again."));
    assert!(told(Reply::json(200, &json!({}))).starts_with("UNEXPECTED_RESPONSE: "));
    let wrong = json!({"errors": [{"code": "1216", "description": "Agreement id is missing"}], "http_code": "400"});
    assert_eq!(
        told(Reply::json(400, &wrong)),
        "ERROR_1216: api.tap.company answered 400: Agreement id is missing."
    );
}

#[test]
fn what_cannot_be_meant_is_not_sent() {
    let failed = |more: Value| {
        let ran = run(&json!({}), charges(&more), []);
        ran.error().message.clone()
    };
    assert_eq!(
        failed(json!({"email": "ada@example.com"})),
        "Who pays is customer, or firstName with email: give one of the two."
    );
    assert_eq!(
        failed(json!({"customerInitiated": false})),
        "paymentAgreement is missing: without the customer Tap charges only what was agreed."
    );
    assert_eq!(
        failed(
            json!({"customer": null, "firstName": "Ada", "email": "ada@example.com", "source": "card_1"})
        ),
        "customer is missing: a saved card is charged together with its customer's id."
    );
    assert_eq!(
        failed(json!({"amount": "1.5555", "amountIn": "major"})),
        "amount is 1.5555, but KWD has 3 decimals: round it first."
    );
}
