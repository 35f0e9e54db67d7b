//! The plugin `tap`, from the connected app to the money.

use anyhow::{Result, ensure};
use jackfield_tests::{
    Engine, Jackfield, Reply, Tap, graph, node, node_of_app, on_both_engines, start_then_or_excuse,
    step,
};
use serde_json::{Value, json};

on_both_engines![
    a_key_is_tested_before_it_is_stored,
    a_booking_is_charged_and_paid_back,
    what_goes_wrong_leaves_by_the_error_port,
    a_charge_under_way_when_the_server_dies_is_made_once,
    a_charge_that_is_told_starts_a_run_once,
];

fn charges(app: &Value) -> Value {
    let config = json!({
        "operation": "charge", "amount": "{{ trigger.body.total }}", "amountIn": "major", "currency": "KWD", "source": "tok_1",
        "customer": "cus_1", "order": "{{ trigger.body.booking }}",
    });
    start_then_or_excuse(node_of_app("pay", "tap", app, config))
}

fn booking() -> Value {
    json!({"booking": "bk_2041", "total": "1.5"})
}

async fn a_key_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let tap = Tap::start().await?;
    let jackfield = Jackfield::with(engine, &["tap"]).await?;
    let owner = jackfield.owner();
    let fields = "connectedApp { status }";
    let connected = owner.succeed("connectApp", tap.input(), fields).await?;
    assert_eq!(connected["connectedApp"]["status"], "CONNECTED");
    assert_eq!(
        tap.outside.requests()[0].header("authorization"),
        "Bearer sk_test_keyofthetests1234"
    );
    let said = "Unauthorized, Invalid API credentials";
    tap.outside
        .answer("/v2/charges/chg_none", [Tap::wrong(401, "2107", said)]);
    let refused = owner.mutate("connectApp", tap.input(), fields).await?;
    assert_eq!(
        refused["userErrors"][0]["message"],
        format!(
            "Tap Payments does not take these credentials: api.tap.company answered 401: {said}."
        )
    );
    jackfield.finish().await
}

async fn a_booking_is_charged_and_paid_back(engine: Engine) -> Result<()> {
    let tap = Tap::start().await?;
    let jackfield = Jackfield::with(engine, &["tap"]).await?;
    let owner = jackfield.owner();
    let app = tap.connect(&owner).await?.id;
    let run = owner.run_once(charges(&app), booking()).await?;
    let mut paid = step(&run, "pay")["output"].clone();
    paid["answer"] = Value::Null;
    assert_eq!(
        paid,
        json!({"id": "chg_1", "status": "CAPTURED", "amount": "1.500", "currency": "KWD", "answer": null})
    );
    let mut sent = tap.charges()[0].json();
    let key = sent["reference"]["idempotent"].take();
    assert!(key.as_str().is_some_and(|key| !key.is_empty()), "{sent:#}");
    assert_eq!(
        sent,
        json!({
            "amount": 1.5, "currency": "KWD", "customer_initiated": true, "threeDSecure": true, "customer": {"id": "cus_1"},
            "source": {"id": "tok_1"}, "reference": {"order": "bk_2041", "idempotent": null},
        })
    );
    let config =
        json!({"operation": "refund", "charge": "chg_1", "amount": 500, "currency": "KWD"});
    let refund = start_then_or_excuse(node_of_app("pay", "tap", &app, config));
    let run = owner.run_once(refund, json!({})).await?;
    assert_eq!(step(&run, "pay")["output"]["status"], "PENDING", "{run:#}");
    let refund = tap.outside.requests_to(Tap::REFUNDS)[0].json();
    assert_eq!(
        (&refund["charge_id"], &refund["amount"]),
        (&json!("chg_1"), &json!(0.5))
    );
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let tap = Tap::start().await?;
    let jackfield = Jackfield::with(engine, &["tap"]).await?;
    let owner = jackfield.owner();
    let app = tap.connect(&owner).await?.id;
    let mut definition = charges(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    for reply in [
        Tap::charge("DECLINED", "505", "Declined, Insufficient Funds"),
        Tap::wrong(400, "1216", "Agreement id is missing"),
        Reply::hang(),
    ] {
        tap.outside.answer(Tap::CHARGES, [reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        let said = &step(&run, "excuse")["output"]["message"];
        told.push(json!([said["code"], said["message"]]));
    }
    assert_eq!(
        json!(told),
        json!([
            [
                "DECLINED",
                "Tap says DECLINED: Declined, Insufficient Funds (505)."
            ],
            [
                "ERROR_1216",
                "api.tap.company answered 400: Agreement id is missing."
            ],
            ["TIMEOUT", "the attempt took longer than 1s"],
        ])
    );
    let before = tap.charges().len();
    let limited = Tap::wrong(429, "1429", "Too many requests").header("retry-after", "0");
    tap.outside.answer(
        Tap::CHARGES,
        [limited, Tap::charge("CAPTURED", "000", "Captured")],
    );
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "pay")["attempt"], 2, "{run:#}");
    let charges = tap.charges();
    assert_eq!(charges[before].text(), charges[before + 1].text());
    jackfield.finish().await
}

async fn a_charge_under_way_when_the_server_dies_is_made_once(engine: Engine) -> Result<()> {
    let tap = Tap::start().await?;
    let mut jackfield = Jackfield::with(engine, &["tap"]).await?;
    let owner = jackfield.owner();
    let app = tap.connect(&owner).await?.id;
    let captured = Tap::charge("CAPTURED", "000", "Captured");
    tap.outside.answer(Tap::CHARGES, [Reply::hang(), captured]);
    let workflow = owner.publish("Charge", charges(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    tap.outside.wait_for_to(Tap::CHARGES, 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    assert_eq!(owner.ended(&run).await?["status"], "SUCCEEDED");
    let charges = tap.charges();
    assert_eq!(charges.len(), 2);
    // With the same key.
    assert_eq!(charges[0].text(), charges[1].text());
    jackfield.finish().await
}

async fn a_charge_that_is_told_starts_a_run_once(engine: Engine) -> Result<()> {
    let tap = Tap::start().await?;
    let jackfield = Jackfield::with(engine, &["tap"]).await?;
    let owner = jackfield.owner();
    let app = tap.connect(&owner).await?;
    let config = json!({"events": ["charge.captured"]});
    let trigger = node_of_app("told", "tap-event", &app.id, config);
    let values = json!({"values": {"booking": "{{ trigger.body.reference.order }}", "event": "{{ trigger.event.type }}"}});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    let workflow = owner.publish("Paid", definition).await?;
    for status in ["CAPTURED", "CAPTURED", "DECLINED"] {
        let answer = app.charged(status, None).await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let forged = app.charged("CAPTURED", Some("sk_test_another")).await?;
    ensure!(forged.status == 401, "{forged:?}");
    let runs = owner.ended_runs_of(&workflow, 1).await?;
    assert_eq!(runs.len(), 1);
    assert_eq!(
        runs[0]["output"],
        json!({"booking": "bk_2041", "event": "tap.charge.captured"})
    );
    jackfield.finish().await
}
