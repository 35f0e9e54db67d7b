//! Keys of Authorize.net, and what it tells.

use anyhow::{Result, ensure};
use jackfield_tests::{AuthorizeNet, Engine, Jackfield, graph, node, node_of_app, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    keys_are_tested_before_they_are_stored,
    a_payment_that_is_told_starts_a_run_once,
];

async fn keys_are_tested_before_they_are_stored(engine: Engine) -> Result<()> {
    let authorize_net = AuthorizeNet::start().await?;
    let jackfield = Jackfield::with(engine, &["authorize-net"]).await?;
    let owner = jackfield.owner();
    let fields = "connectedApp { status lastHealthCheck { ok message } }";
    let connected = owner
        .succeed("connectApp", authorize_net.input(), fields)
        .await?;
    let app = &connected["connectedApp"];
    assert_eq!(app["status"], "CONNECTED", "{app:#}");
    assert_eq!(app["lastHealthCheck"]["message"], "live account");
    assert_eq!(
        authorize_net.outside.requests()[0].text(),
        r#"{"authenticateTestRequest":{"merchantAuthentication":{"name":"login-of-the-tests","transactionKey":"transaction-key-of-the-tests"}}}"#
    );
    let said = "User authentication failed due to invalid authentication values.";
    authorize_net.answer([AuthorizeNet::wrong("E00007", said)]);
    let refused = owner
        .mutate("connectApp", authorize_net.input(), fields)
        .await?;
    assert_eq!(
        refused,
        json!({"connectedApp": Value::Null, "userErrors": [{
            "field": ["input", "credentials"], "code": "CREDENTIALS_REFUSED",
            "message": format!("Authorize.net does not take these credentials: api2.authorize.net answered 200: {said}"),
        }]})
    );
    jackfield.finish().await
}

async fn a_payment_that_is_told_starts_a_run_once(engine: Engine) -> Result<()> {
    let authorize_net = AuthorizeNet::start().await?;
    let jackfield = Jackfield::with(engine, &["authorize-net"]).await?;
    let owner = jackfield.owner();
    let app = authorize_net.connect(&owner).await?;
    let config = json!({"events": ["payment.*"]});
    let trigger = node_of_app("told", "authorize-net-event", &app.id, config);
    let values = json!({"values": {"invoice": "{{ trigger.body.payload.invoiceNumber }}", "event": "{{ trigger.event.type }}"}});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    let workflow = owner.publish("Paid", definition).await?;
    for _ in 0..2 {
        let answer = app.paid("d0e8e7fe", None).await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let forged = app.paid("d0e8e7ff", Some("another key")).await?;
    ensure!(forged.status == 401, "{forged:?}");
    let runs = owner.ended_runs_of(&workflow, 1).await?;
    assert_eq!(runs.len(), 1);
    assert_eq!(
        runs[0]["output"],
        json!({"invoice": "INV-7", "event": "authorize-net.payment.authcapture.created"})
    );
    jackfield.finish().await
}
