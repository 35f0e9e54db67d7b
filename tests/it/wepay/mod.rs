//! The plugin `wepay`, from the connected app to the money.

use anyhow::Result;
use jackfield_tests::{
    Engine, Jackfield, Reply, WePay, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_token_is_tested_before_it_is_stored,
    a_booking_is_charged_and_paid_back,
    what_goes_wrong_leaves_by_the_error_port,
    a_charge_under_way_when_the_server_dies_is_made_once,
];

fn charges(app: &Value) -> Value {
    let config = json!({
        "operation": "charge", "amount": "{{ trigger.body.total }}", "currency": "USD", "paymentMethod": "method-1",
    });
    start_then_or_excuse(node_of_app("pay", "wepay", app, config))
}

fn booking() -> Value {
    json!({"total": 12950})
}

async fn a_token_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let wepay = WePay::start().await?;
    let jackfield = Jackfield::with(engine, &["wepay"]).await?;
    let owner = jackfield.owner();
    let fields = "connectedApp { status }";
    let connected = owner.succeed("connectApp", wepay.input(), fields).await?;
    assert_eq!(connected["connectedApp"]["status"], "CONNECTED");
    let asked = &wepay.outside.requests()[0];
    let sent = ["app-id", "app-token", "api-version"].map(|name| asked.header(name));
    assert_eq!(sent, ["123456", "token-of-the-tests", "3.0"]);
    let said = "The app token is not valid.";
    wepay
        .outside
        .answer("/accounts", [WePay::wrong(403, "NOT_AUTHORIZED", said)]);
    let refused = owner.mutate("connectApp", wepay.input(), fields).await?;
    assert_eq!(
        refused["userErrors"][0]["message"],
        format!("WePay does not take these credentials: api.wepay.com answered 403: {said}")
    );
    jackfield.finish().await
}

async fn a_booking_is_charged_and_paid_back(engine: Engine) -> Result<()> {
    let wepay = WePay::start().await?;
    let jackfield = Jackfield::with(engine, &["wepay"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(wepay.input()).await?;
    let run = owner.run_once(charges(&app), booking()).await?;
    let mut paid = step(&run, "pay")["output"].clone();
    paid["answer"] = Value::Null;
    assert_eq!(
        paid,
        json!({"id": "payment-1", "status": "completed", "amount": "129.50", "currency": "USD", "answer": null})
    );
    assert_eq!(
        wepay.payments()[0].json(),
        json!({
            "account_id": "account-1", "amount": 12950, "currency": "USD",
            "payment_method": {"type": "payment_method_id", "payment_method_id": "method-1"},
        })
    );
    let config = json!({"operation": "refund", "payment": "payment-1"});
    let refund = start_then_or_excuse(node_of_app("pay", "wepay", &app, config));
    let run = owner.run_once(refund, json!({})).await?;
    assert_eq!(step(&run, "pay")["output"]["status"], "pending", "{run:#}");
    assert_eq!(
        wepay.outside.requests_to(WePay::REFUNDS)[0].json(),
        json!({"payment_id": "payment-1", "refund_reason": "requested by the customer"})
    );
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let wepay = WePay::start().await?;
    let jackfield = Jackfield::with(engine, &["wepay"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(wepay.input()).await?;
    let mut definition = charges(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    for reply in [
        WePay::wrong(400, "INVALID_PARAMS", "Invalid parameter(s)."),
        WePay::payment("failed"),
        Reply::hang(),
    ] {
        wepay.outside.answer(WePay::PAYMENTS, [reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        let said = &step(&run, "excuse")["output"]["message"];
        told.push(json!([said["code"], said["message"]]));
    }
    assert_eq!(
        json!(told),
        json!([
            [
                "INVALID_PARAMS",
                "api.wepay.com answered 400: Invalid parameter(s)."
            ],
            ["FAILED", "WePay says failed: it does not say why."],
            ["TIMEOUT", "the attempt took longer than 1s"],
        ])
    );
    let before = wepay.payments().len();
    let limited = WePay::wrong(429, "TOO_MANY_REQUESTS", "Slow down.").header("retry-after", "0");
    wepay
        .outside
        .answer(WePay::PAYMENTS, [limited, WePay::payment("completed")]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
    let payments = wepay.payments();
    let keys = [before, before + 1].map(|at| payments[at].header("unique-key"));
    assert!(keys[0] == keys[1] && !keys[0].is_empty(), "{keys:?}");
    jackfield.finish().await
}

async fn a_charge_under_way_when_the_server_dies_is_made_once(engine: Engine) -> Result<()> {
    let wepay = WePay::start().await?;
    let mut jackfield = Jackfield::with(engine, &["wepay"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(wepay.input()).await?;
    wepay.outside.answer(
        WePay::PAYMENTS,
        [Reply::hang(), WePay::payment("completed")],
    );
    let workflow = owner.publish("Charge", charges(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    wepay.outside.wait_for_to(WePay::PAYMENTS, 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    assert_eq!(owner.ended(&run).await?["status"], "SUCCEEDED");
    let payments = wepay.payments();
    let keys: Vec<&str> = payments
        .iter()
        .map(|payment| payment.header("unique-key"))
        .collect();
    assert!(
        keys.len() == 2 && keys[0] == keys[1] && !keys[0].is_empty(),
        "{keys:?}"
    );
    jackfield.finish().await
}
