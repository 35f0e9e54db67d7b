use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::testing::{self, Ran, Reply, Stage};
use jackfield_plugin_sdk::{Error, code};

fn stage(config: Value) -> Stage {
    let stage = testing::plugin(crate::plugin()).node("wepay", config);
    stage.connected_app("wepay", &json!({}))
}

fn run(config: Value, reply: Option<Reply>) -> Ran {
    let stage = stage(config);
    reply
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

fn charge() -> Value {
    json!({"operation": "charge", "amount": 12950, "currency": "USD", "paymentMethod": "method-1", "account": "account-1"})
}

fn answered(status: &str) -> Reply {
    Reply::json(200, &json!({"id": "payment-1", "status": status}))
}

#[test]
fn all_that_can_be_said_is_sent() {
    let mut config = charge();
    config["feeAmount"] = 250.into();
    config["autoCapture"] = false.into();
    config["customData"] = json!({"job": "12"});
    config["reference"] = "bk_2041".into();
    let ran = run(config, Some(answered("completed")));
    assert_eq!(
        ran.requests[0].json(),
        json!({
            "account_id": "account-1", "amount": 12950, "currency": "USD", "fee_amount": 250, "auto_capture": false,
            "custom_data": {"job": "12"}, "reference_id": "bk_2041",
            "payment_method": {"type": "payment_method_id", "payment_method_id": "method-1"},
        })
    );
    let config = json!({"operation": "refund", "payment": "payment-1", "amount": 25, "amountIn": "major", "currency": "cad", "feeAmount": 100});
    let ran = run(config, Some(answered("pending")));
    assert_eq!(
        ran.requests[0].json(),
        json!({
            "payment_id": "payment-1", "refund_reason": "requested by the customer",
            "amounts": {"total_amount": 2500, "currency": "CAD", "fee_refund_amount": 100},
        })
    );
    assert_eq!(ran.output()["amount"], "25.00");
}

#[test]
fn every_attempt_has_the_same_key() {
    let key = |attempt: u32| {
        let ran = stage(charge())
            .attempt(attempt)
            .reply(answered("pending"))
            .run();
        assert!(ran.requests[0].repeatable);
        ran.requests[0].header("unique-key").map(str::to_owned)
    };
    assert!(key(1).is_some_and(|key| !key.is_empty()));
    assert_eq!(key(1), key(2));
    let timeout = Error::new(code::TIMEOUT, "no answer").retryable();
    for lost in [Reply::error(timeout), Reply::new(502)] {
        assert!(run(charge(), Some(lost)).error().retryable);
    }
    let limited = run(charge(), Some(Reply::new(429)));
    assert_eq!(limited.error().retry_after_ms, Some(10_000));
}

#[test]
fn a_payment_that_failed_is_an_error() {
    let failed = json!({"id": "payment-1", "status": "failed", "failure_reason": {"reason_code": "CARD_DECLINED", "message": "The card was declined."}});
    let ran = run(charge(), Some(Reply::json(200, &failed)));
    assert_eq!(
        (ran.error().to_string().as_str(), ran.error().retryable),
        ("FAILED: WePay says failed: The card was declined.", false)
    );
    let ran = run(charge(), Some(Reply::json(200, &json!({}))));
    assert_eq!(ran.error().code, "UNEXPECTED_RESPONSE");
}

#[test]
fn what_cannot_be_meant_is_not_sent() {
    let failed = |config: Value| run(config, None).error().message.clone();
    let mut nobody = charge();
    nobody["account"] = Value::Null;
    assert_eq!(
        failed(nobody),
        "account is missing: give it in the node, or in the settings of the connected app."
    );
    assert_eq!(
        failed(json!({"operation": "refund", "payment": "payment-1", "feeAmount": 100})),
        "feeAmount goes with amount: with all of a payment WePay gives back all of the fee."
    );
    assert_eq!(
        failed(json!({"operation": "refund", "payment": "payment-1", "amount": 100})),
        "currency is missing: it says how many decimals the amount has."
    );
}
