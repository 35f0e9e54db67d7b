use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::testing::{self, Ran, Reply};
use jackfield_plugin_sdk::{Error, code};

use crate::tests::{as_the_sdk, connected};

fn run(config: Value, reply: Option<Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin()).node("authorize-net", config);
    let stage = connected(stage, &json!({}));
    reply
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

/// Some of these members in place of those of a charge.
fn charges(more: &Value) -> Value {
    let mut config = json!({"operation": "charge", "amount": 12950, "currency": "USD"});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

fn profile() -> Value {
    json!({"customerProfile": "900000001", "paymentProfile": "800000001"})
}

fn answered(response: &Value) -> Reply {
    let messages =
        json!({"resultCode": "Ok", "message": [{"code": "I00001", "text": "Successful."}]});
    let body = json!({"transactionResponse": response, "messages": messages});
    Reply::bytes(
        200,
        "application/json; charset=utf-8",
        format!("\u{feff}{body}").as_bytes(),
    )
}

fn approved() -> Reply {
    answered(
        &json!({"responseCode": "1", "authCode": "HW617E", "transId": "60000000001", "accountNumber": "XXXX1111", "accountType": "Visa"}),
    )
}

fn refused(code: &str, reason: &str, text: &str) -> Reply {
    answered(
        &json!({"responseCode": code, "transId": "0", "errors": [{"errorCode": reason, "errorText": text}]}),
    )
}

#[test]
fn charges_are_those_of_the_sdk() {
    let ran = run(charges(&profile()), Some(approved()));
    as_the_sdk("charge_with_little", &ran.requests[0]);
    let paid = ran.output();
    assert_eq!(
        [&paid["id"], &paid["status"], &paid["lastFour"]],
        ["60000000001", "approved", "1111"]
    );
    let config = charges(&json!({
        "amount": "129.50", "amountIn": "major", "nonce": "nonce-1", "invoiceNumber": "INV-7", "description": "Spring clean — Müller & Söhne",
        "poNumber": "PO-9", "customerId": "c_7", "email": "ada@example.com", "customerIp": "203.0.113.7", "duplicateWindow": 600,
        "emailCustomer": true, "userFields": {"booking": "bk_2041"}, "reference": "booking-2041",
    }));
    as_the_sdk("charge", &run(config, Some(approved())).requests[0]);
}

#[test]
fn refunds_and_voids_are_those_of_the_sdk() {
    let refund = json!({"operation": "refund", "transaction": "60000000001", "amount": 2500, "currency": "USD", "lastFour": "1111"});
    as_the_sdk("refund", &run(refund, Some(approved())).requests[0]);
    let void = json!({"operation": "refund", "by": "void", "transaction": "60000000001"});
    as_the_sdk("void", &run(void, Some(approved())).requests[0]);
}

#[test]
fn a_charge_is_not_sent_again_unasked() {
    let request = &run(charges(&profile()), Some(approved())).requests[0];
    assert_eq!(
        (&request.idempotency_key, request.repeatable),
        (&None, false)
    );
    let timeout =
        Error::new(code::TIMEOUT, "api2.authorize.net did not answer in time").retryable();
    for lost in [Reply::error(timeout), Reply::new(500), Reply::new(503)] {
        let ran = run(charges(&profile()), Some(lost));
        let error = ran.error();
        assert!(!error.retryable, "{error}");
        assert!(
            error
                .message
                .ends_with("look it up there before it is tried again.")
        );
    }
    let unclear = run(charges(&profile()), Some(answered(&json!({}))));
    assert_eq!(unclear.error().code, "UNEXPECTED_RESPONSE");
    // Nothing has reached it, or it says so.
    let unreachable = Error::new(code::CONNECT, "no connection").retryable();
    assert!(
        run(charges(&profile()), Some(Reply::error(unreachable)))
            .error()
            .retryable
    );
    assert!(
        run(charges(&profile()), Some(Reply::new(429)))
            .error()
            .retryable
    );
}

#[test]
fn what_is_refused_says_what_to_do() {
    let told = |reply: Reply| {
        let ran = run(charges(&profile()), Some(reply));
        (ran.error().to_string(), ran.error().retryable)
    };
    assert_eq!(
        told(refused("2", "2", "This transaction has been declined.")),
        (
            "DECLINED: api2.authorize.net answered 200: This transaction has been declined."
                .to_owned(),
            false
        )
    );
    assert_eq!(
        told(refused("3", "11", "A duplicate transaction has been submitted.")),
        (
            "DUPLICATE: api2.authorize.net answered 200: A duplicate transaction has been submitted. The same was paid a moment ago: give \
             another invoiceNumber, or a smaller duplicateWindow."
                .to_owned(),
            false
        )
    );
    assert!(
        told(refused(
            "3",
            "54",
            "The referenced transaction does not meet the criteria for issuing a credit."
        ))
        .0
        .starts_with("NOT_REFUNDABLE: ")
    );
    assert_eq!(
        told(refused("3", "25", "An error occurred during processing. Please try again in 5 minutes.")),
        (
            "ERROR_25: api2.authorize.net answered 200: An error occurred during processing. Please try again in 5 minutes.".to_owned(),
            true
        )
    );
    let unknown = json!({"messages": {"resultCode": "Error", "message": [{"code": "E00040", "text": "The record cannot be found."}]}});
    assert_eq!(
        told(Reply::json(200, &unknown)),
        (
            "E00040: api2.authorize.net answered 200: The record cannot be found.".to_owned(),
            false
        )
    );
}

#[test]
fn a_payment_that_is_held_is_no_failure() {
    let held = json!({"responseCode": "4", "transId": "60000000004", "accountNumber": "XXXX1111"});
    let ran = run(charges(&profile()), Some(answered(&held)));
    assert_eq!(ran.output()["status"], "held_for_review");
}

#[test]
fn what_cannot_be_meant_is_not_sent() {
    let failed = |config: Value| run(config, None).error().message.clone();
    let neither =
        "What is charged is customerProfile with paymentProfile, or nonce: give one of the two.";
    assert_eq!(failed(charges(&json!({}))), neither);
    assert_eq!(failed(charges(&json!({"customerProfile": "1"}))), neither);
    assert_eq!(
        failed(charges(
            &json!({"amount": "1.555", "amountIn": "major", "nonce": "n"})
        )),
        "amount is 1.555, but USD has 2 decimals: round it first."
    );
    assert_eq!(
        failed(json!({"operation": "refund", "transaction": "1", "lastFour": "1111"})),
        "amount is missing: it says how much goes back."
    );
    assert_eq!(
        failed(json!({"operation": "refund", "transaction": "1", "amount": 5, "currency": "USD"})),
        "Who gets the money is lastFour, or customerProfile with paymentProfile: give one of the two."
    );
    assert_eq!(
        failed(
            json!({"operation": "refund", "by": "void", "transaction": "1", "amount": 5, "currency": "USD"})
        ),
        "A payment is voided as a whole: leave out amount."
    );
}
