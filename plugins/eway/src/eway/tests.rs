use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::testing::{self, Ran, Reply};
use jackfield_plugin_sdk::{Error, code};

use crate::tests::as_the_sdk;

fn run(config: Value, reply: Option<Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin()).node("eway", config);
    let stage = stage.connected_app("eway", &json!({}));
    reply
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

fn charge() -> Value {
    json!({"operation": "charge", "amount": 12950, "currency": "AUD", "tokenCustomer": "987654321000"})
}

fn approved() -> Reply {
    Reply::json(
        200,
        &json!({"AuthorisationCode": "393805", "ResponseCode": "00", "ResponseMessage": "A2000", "TransactionID": 11872526, "TransactionStatus": true}),
    )
}

fn refused(errors: &Value, message: &Value) -> Reply {
    Reply::json(
        200,
        &json!({"ResponseMessage": message, "TransactionID": null, "TransactionStatus": false, "Errors": errors}),
    )
}

#[test]
fn charges_and_refunds_are_those_of_the_sdk() {
    let ran = run(charge(), Some(approved()));
    as_the_sdk("charge_with_little", &ran.requests[0]);
    assert_eq!(ran.output()["id"], "11872526");
    let config = json!({
        "operation": "charge", "amount": "500", "amountIn": "major", "currency": "jpy",
        "securedCardData": "44DD7jYYyRgaQnVibOAsYbbFIYmSXbS6hmTxosAhG6CK1biw=", "invoiceNumber": "INV-7", "reference": "bk_2041",
        "description": "Spring clean — Müller & Söhne", "customerIp": "203.0.113.7",
    });
    as_the_sdk("charge", &run(config, Some(approved())).requests[0]);
    let config = json!({
        "operation": "refund", "transaction": 11_872_526, "amount": 2500, "currency": "AUD", "invoiceNumber": "INV-7", "reference": "bk_2041",
        "description": "One room less",
    });
    as_the_sdk("refund", &run(config, Some(approved())).requests[0]);
}

#[test]
fn who_is_there_can_be_said() {
    for (given, sent) in [
        ("purchase", "Purchase"),
        ("recurring", "Recurring"),
        ("moto", "MOTO"),
    ] {
        let mut config = charge();
        config["transactionType"] = given.into();
        let ran = run(config, Some(approved()));
        assert_eq!(ran.requests[0].json()["TransactionType"], sent);
    }
}

#[test]
fn a_charge_is_not_sent_again_unasked() {
    let request = &run(charge(), Some(approved())).requests[0];
    assert_eq!(
        (&request.idempotency_key, request.repeatable),
        (&None, false)
    );
    let timeout =
        Error::new(code::TIMEOUT, "api.ewaypayments.com did not answer in time").retryable();
    for lost in [Reply::error(timeout), Reply::new(500), Reply::new(503)] {
        let ran = run(charge(), Some(lost));
        let error = ran.error();
        assert!(!error.retryable, "{error}");
        assert!(
            error
                .message
                .ends_with("look it up there before it is tried again.")
        );
    }
    assert!(run(charge(), Some(Reply::new(429))).error().retryable);
}

#[test]
fn codes_are_told_with_what_they_mean() {
    let told = |reply: Reply| {
        let ran = run(charge(), Some(reply));
        assert!(!ran.error().retryable);
        ran.error().to_string()
    };
    assert_eq!(
        told(refused(&json!(null), &json!("D4405"))),
        "DECLINED: eWay refuses it: Do Not Honour (D4405)."
    );
    assert_eq!(
        told(refused(&json!(""), &json!("F7003"))),
        "SUSPECTED_FRAUD: eWay refuses it: High Risk Country Fraud (F7003)."
    );
    assert_eq!(
        told(refused(&json!("V6011, V6012"), &json!(null))),
        "V6011: eWay refuses it: Invalid Payment TotalAmount (V6011); Invalid Payment InvoiceDescription (V6012)."
    );
    assert_eq!(
        told(refused(&json!("V9999"), &json!(null))),
        "V9999: eWay refuses it: V9999."
    );
    assert!(told(Reply::new(401)).starts_with("CREDENTIAL: "));
}

#[test]
fn what_cannot_be_meant_is_not_sent() {
    let failed = |config: Value| run(config, None).error().message.clone();
    assert_eq!(
        failed(json!({"operation": "charge", "amount": 5, "currency": "AUD"})),
        "What is charged is tokenCustomer or securedCardData: give one of the two."
    );
    assert_eq!(
        failed(
            json!({"operation": "charge", "amount": 5, "currency": "AUD", "tokenCustomer": "Ada"})
        ),
        "tokenCustomer is no number, as eWay's ids are."
    );
    assert_eq!(
        failed(
            json!({"operation": "refund", "transaction": "../1", "amount": 5, "currency": "AUD"})
        ),
        "transaction is no number, as eWay's ids are."
    );
}
