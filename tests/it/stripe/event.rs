//! What Stripe tells.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::stripe::{PAYMENT_SUCCEEDED, Stripe, WEBHOOK_SECRET};
use jackfield_tests::{Client, Engine, InboundHook, Jackfield, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    a_signed_event_starts_the_workflows_that_want_it,
    an_account_that_is_switched_off_is_told_nothing,
    a_signing_secret_can_follow_when_stripe_has_shown_it,
    a_signing_secret_that_is_replaced_is_the_triggers_too,
];

/// The address of an app, which is there since it was connected.
async fn hook(owner: &Client, app: &Value) -> Result<InboundHook> {
    let document = "query($id: ID!) { connectedApp(id: $id) { inboundHook { id url } } }";
    let shown = owner.data_with(document, json!({"id": app})).await?;
    let hook = &shown["connectedApp"]["inboundHook"];
    let text = |member: &str| hook[member].as_str().map(str::to_owned).context("a text");
    Ok(InboundHook {
        id: text("id")?,
        url: text("url")?,
        node_key: String::new(),
    })
}

/// A workflow that starts with events of these types, and shows of what.
fn told(app: &Value, types: &Value) -> Value {
    let mut told = node("told", "stripe-event", json!({"events": types}));
    told["connectedAppId"] = app.clone();
    let values = json!({"values": {
        "type": "{{ trigger.body.type }}", "booking": "{{ trigger.body.data.object.metadata.booking }}", "event": "{{ trigger.event.type }}",
    }});
    graph([told, node("seen", "set", values)], &["told -> seen"])
}

async fn a_signed_event_starts_the_workflows_that_want_it(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    let hook = hook(&owner, &app).await?;
    let payments = json!(["payment_intent.*"]);
    let payments = owner.publish("Payments", told(&app, &payments)).await?;
    let refunds = json!(["charge.refunded"]);
    let refunds = owner.publish("Refunds", told(&app, &refunds)).await?;

    // Stripe sends it again, and somebody else tries the same.
    for _ in 0..2 {
        let answer = hook.post_stripe(WEBHOOK_SECRET, PAYMENT_SUCCEEDED).await?;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let forged = hook.post_stripe("whsec_guess", PAYMENT_SUCCEEDED).await?;
    assert_eq!(forged.status, 401);

    let runs = owner.ended_runs_of(&payments, 1).await?;
    assert_eq!(runs.len(), 1);
    assert_eq!(
        runs[0]["output"],
        json!({"type": "payment_intent.succeeded", "booking": "bk_2041", "event": "stripe.payment_intent.succeeded"})
    );
    assert_eq!(owner.runs_of(&refunds).await?, Vec::<Value>::new());
    jackfield.finish().await
}

async fn an_account_that_is_switched_off_is_told_nothing(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    let hook = hook(&owner, &app).await?;
    let workflow = owner.publish("All", told(&app, &json!([]))).await?;
    let input = json!({"connectedAppId": app, "active": false});
    owner
        .succeed("setConnectedAppActive", input, "connectedApp { status }")
        .await?;
    let gone = hook.post_stripe(WEBHOOK_SECRET, PAYMENT_SUCCEEDED).await?;
    assert_eq!(gone.status, 410);
    allow_duplicates! {
        assert_json_snapshot!(gone.json(), @r#"
        {
          "error": {
            "code": "GONE",
            "message": "this webhook is not active: switch on its connected app to receive again"
          }
        }
        "#);
    }
    assert_eq!(owner.runs_of(&workflow).await?, Vec::<Value>::new());
    jackfield.finish().await
}

async fn a_signing_secret_can_follow_when_stripe_has_shown_it(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let mut input = stripe.input("Payments");
    input["credentials"] = json!({"secretKey": "sk_test_keyofthetests1234"});
    let connected = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let app = &connected["connectedApp"]["id"];
    let hook = hook(&owner, app).await?;
    let workflow = owner.publish("All", told(app, &json!([]))).await?;
    let early = hook.post_stripe(WEBHOOK_SECRET, PAYMENT_SUCCEEDED).await?;
    assert_eq!(early.status, 401, "{}", early.text);

    let input = json!({"inboundHookId": hook.id, "secret": WEBHOOK_SECRET});
    owner
        .succeed("updateInboundHook", input, "inboundHook { id }")
        .await?;
    let answer = hook.post_stripe(WEBHOOK_SECRET, PAYMENT_SUCCEEDED).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    owner.ended_runs_of(&workflow, 1).await?;
    jackfield.finish().await
}

async fn a_signing_secret_that_is_replaced_is_the_triggers_too(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    let hook = hook(&owner, &app).await?;
    let workflow = owner.publish("All", told(&app, &json!([]))).await?;
    let input = json!({"inboundHookId": hook.id, "secret": "whsec_the_next_one"});
    owner
        .succeed("rotateInboundHookSecret", input, "inboundHook { id }")
        .await?;
    let second = PAYMENT_SUCCEEDED.replace("evt_", "evt_second_");
    for (secret, event) in [
        ("whsec_the_next_one", PAYMENT_SUCCEEDED),
        (WEBHOOK_SECRET, &second),
    ] {
        let answer = hook.post_stripe(secret, event).await?;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(owner.ended_runs_of(&workflow, 2).await?.len(), 2);
    jackfield.finish().await
}
