//! Charging a card.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::stripe::Stripe;
use jackfield_tests::{Engine, Jackfield, Reply, graph, node, on_both_engines, step, steps};
use serde_json::{Value, json};

on_both_engines![
    a_payment_goes_on_with_what_stripe_says,
    a_declined_card_leaves_through_the_port_error,
    a_busy_stripe_is_asked_again_with_the_same_key,
    a_charge_that_is_not_answered_is_given_up,
    a_charge_under_way_when_the_server_dies_is_made_once,
];

/// A charge of a booking, what comes after it, and what comes when it fails.
fn charge(app: &Value, more: &Value) -> Value {
    let config = json!({
        "operation": "charge", "amount": "{{ trigger.body.total }}", "amountIn": "major", "currency": "EUR",
        "paymentMethod": "{{ trigger.body.card }}", "metadata": {"booking": "{{ trigger.body.booking }}"},
    });
    let mut charge = node("charge", "stripe", config);
    charge["connectedAppId"] = app.clone();
    for (name, value) in more.as_object().into_iter().flatten() {
        charge[name] = value.clone();
    }
    let paid = json!({"values": {"payment": "{{ steps.charge.output.id }}"}});
    let excuse = json!({"values": {"error": "{{ steps.charge.output.error }}"}});
    let nodes = [
        node("start", "manual", json!({})),
        charge,
        node("paid", "set", paid),
        node("excuse", "set", excuse),
    ];
    let edges = [
        "start -> charge",
        "charge -> paid",
        "charge.error -> excuse",
    ];
    graph(nodes, &edges)
}

fn booking() -> Value {
    json!({"booking": 2041, "total": 129, "card": "pm_1"})
}

/// The keys under which charges reached Stripe.
fn keys(stripe: &Stripe) -> Vec<String> {
    let charges = stripe.charges().into_iter();
    charges
        .map(|charge| charge.header("idempotency-key").to_owned())
        .collect()
}

async fn a_payment_goes_on_with_what_stripe_says(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    let run = owner.run_once(charge(&app, &json!({})), booking()).await?;

    assert_eq!(
        steps(&run),
        [
            "start SUCCEEDED",
            "charge SUCCEEDED",
            "paid SUCCEEDED",
            "excuse SKIPPED"
        ]
    );
    assert_eq!(step(&run, "paid")["output"], json!({"payment": "pi_1"}));
    assert!(!run.to_string().contains("secret_nobody_needs"), "{run:#}");
    let sent = &stripe.charges()[0];
    assert_eq!(
        sent.text(),
        "amount=12900&currency=eur&payment_method=pm_1&confirm=true&off_session=true&metadata%5Bbooking%5D=2041"
    );
    assert_eq!(
        sent.header("authorization"),
        "Bearer sk_test_keyofthetests1234"
    );
    jackfield.finish().await
}

async fn a_declined_card_leaves_through_the_port_error(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    let message = "Your card has insufficient funds.";
    stripe.payments([Stripe::error(402, "card_error", "card_declined", message)]);
    let retry = json!({"retry": {"maxAttempts": 3, "initialDelay": "PT0.05S"}});
    let run = owner.run_once(charge(&app, &retry), booking()).await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    allow_duplicates! {
        assert_json_snapshot!(step(&run, "excuse")["output"], @r#"
        {
          "error": {
            "code": "CARD_DECLINED",
            "message": "api.stripe.com answered 402: Your card has insufficient funds.",
            "data": {
              "error": {
                "type": "card_error",
                "code": "card_declined",
                "message": "Your card has insufficient funds."
              }
            }
          }
        }
        "#);
    }
    assert_eq!(stripe.charges().len(), 1);
    jackfield.finish().await
}

async fn a_busy_stripe_is_asked_again_with_the_same_key(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    let limited = Stripe::error(429, "invalid_request_error", "rate_limit", "Too many.");
    stripe.payments([limited.header("retry-after", "1"), Stripe::paid()]);
    let retry = json!({"retry": {"maxAttempts": 3, "initialDelay": "PT0.05S"}});
    let run = owner.run_once(charge(&app, &retry), booking()).await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "charge")["attempt"], 2, "{run:#}");
    let (keys, charges) = (keys(&stripe), stripe.charges());
    assert!(
        keys.len() == 2 && keys[0] == keys[1] && !keys[0].is_empty(),
        "{keys:?}"
    );
    let waited = charges[1].arrived - charges[0].arrived;
    assert!(waited.as_millis() >= 1000, "{waited:?}");
    jackfield.finish().await
}

async fn a_charge_that_is_not_answered_is_given_up(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    stripe.payments([Reply::hang()]);
    let limited = json!({"timeout": "PT0.3S"});
    let run = owner.run_once(charge(&app, &limited), booking()).await?;
    assert_eq!(
        step(&run, "excuse")["output"]["error"]["code"],
        "TIMEOUT",
        "{run:#}"
    );

    stripe.payments([Reply::hang(), Stripe::paid()]);
    let again =
        json!({"timeout": "PT0.3S", "retry": {"maxAttempts": 2, "initialDelay": "PT0.05S"}});
    let run = owner.run_once(charge(&app, &again), booking()).await?;
    assert_eq!(step(&run, "paid")["status"], "SUCCEEDED", "{run:#}");
    let keys = keys(&stripe);
    assert!(keys[1] == keys[2] && keys[0] != keys[1], "{keys:?}");
    jackfield.finish().await
}

async fn a_charge_under_way_when_the_server_dies_is_made_once(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let mut jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    stripe.payments([Reply::hang(), Stripe::paid()]);
    let workflow = owner.publish("Pay", charge(&app, &json!({}))).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    // The first request is the test of the key.
    stripe.outside.wait_for(2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;

    let run = owner.ended(&run).await?;
    assert_eq!(step(&run, "paid")["status"], "SUCCEEDED", "{run:#}");
    let keys = keys(&stripe);
    assert!(
        keys.len() == 2 && keys[0] == keys[1] && !keys[0].is_empty(),
        "{keys:?}"
    );
    jackfield.finish().await
}
