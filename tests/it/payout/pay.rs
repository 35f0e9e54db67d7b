//! Workers are paid.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Payouts, Reply, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_job_that_is_done_is_paid_in_each_way,
    a_key_goes_to_nobody_but_its_own_service,
    what_goes_wrong_leaves_by_the_error_port,
    a_payout_under_way_when_the_server_dies_is_made_once,
];

/// A workflow that pays for a job.
fn pays(app: &Value, method: &str, recipient: &str) -> Value {
    let config = json!({
        "method": method, "recipient": recipient, "name": "Ada Lovelace", "amount": "{{ trigger.body.earned }}", "currency": "USD",
        "description": "Job {{ trigger.body.job }}",
    });
    start_then_or_excuse(node_of_app("pay", "payout", app, config))
}

fn done() -> Value {
    json!({"job": 12, "earned": "129.50"})
}

#[expect(
    clippy::too_many_lines,
    reason = "most of it is what is sent and what leaves"
)]
async fn a_job_that_is_done_is_paid_in_each_way(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let jackfield = Jackfield::with(engine, &["payout", "stripe"]).await?;
    let owner = jackfield.owner();
    let mut paid = Vec::new();
    for (scheme, method, recipient) in [
        ("stripe", "direct_deposit", "acct_1"),
        ("lob", "check", "adr_2"),
        ("checkbook", "check", "ada@example.com"),
        ("endpoint", "other", "worker-7"),
    ] {
        let app = payouts.connect(&owner, scheme).await?;
        let run = owner
            .run_once(pays(&app, method, recipient), done())
            .await?;
        assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
        let mut output = step(&run, "pay")["output"].clone();
        output["answer"] = Value::Null;
        paid.push(output);
    }
    allow_duplicates! {
        assert_json_snapshot!(paid, @r#"
        [
          {
            "service": "stripe",
            "id": "tr_1",
            "recipient": "acct_1",
            "amount": "129.50",
            "currency": "USD",
            "answer": null
          },
          {
            "service": "lob",
            "id": "chk_1",
            "recipient": "adr_2",
            "amount": "129.50",
            "currency": "USD",
            "expectedOn": "2026-12-05",
            "answer": null
          },
          {
            "service": "checkbook",
            "id": "c_1",
            "status": "IN_PROCESS",
            "recipient": "ada@example.com",
            "amount": "129.50",
            "currency": "USD",
            "answer": null
          },
          {
            "service": "endpoint",
            "id": "p_1",
            "status": "queued",
            "recipient": "worker-7",
            "amount": "129.50",
            "currency": "USD",
            "answer": null
          }
        ]
        "#);
    }
    let transfer = &payouts.asked(Payouts::TRANSFERS)[0];
    assert_eq!(
        transfer.text(),
        "amount=12950&currency=usd&description=Job+12&destination=acct_1"
    );
    assert_eq!(transfer.header("stripe-version"), "2026-10-28.endive");
    let sent = [Payouts::CHECKS, Payouts::DIGITAL_CHECKS, Payouts::ENDPOINT]
        .map(|path| payouts.asked(path)[0].json());
    allow_duplicates! {
        assert_json_snapshot!(sent, @r#"
        [
          {
            "bank_account": "bank_1",
            "from": "adr_1",
            "to": "adr_2",
            "amount": 129.5,
            "use_type": "operational",
            "description": "Job 12"
          },
          {
            "recipient": "ada@example.com",
            "name": "Ada Lovelace",
            "amount": 129.5,
            "description": "Job 12"
          },
          {
            "recipient": "worker-7",
            "amount": "129.50",
            "amountMinor": 12950,
            "currency": "USD",
            "description": "Job 12"
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_key_goes_to_nobody_but_its_own_service(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let jackfield = Jackfield::with(engine, &["payout", "stripe"]).await?;
    let owner = jackfield.owner();
    let app = payouts.connect(&owner, "stripe").await?;
    let before = payouts.outside.requests().len();
    let run = owner.run_once(pays(&app, "check", "adr_2"), done()).await?;
    assert_eq!(
        step(&run, "excuse")["output"]["message"],
        json!({
            "code": "INVALID_CONFIG",
            "message": "The connected app has credentials of Stripe, and Lob or Checkbook pays in this way: choose another connected app, \
                or another method.",
        })
    );
    assert_eq!(payouts.outside.requests().len(), before);
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let jackfield = Jackfield::with(engine, &["payout", "stripe"]).await?;
    let owner = jackfield.owner();
    let app = payouts.connect(&owner, "stripe").await?;
    let mut definition = pays(&app, "direct_deposit", "acct_1");
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let empty = "You have insufficient available funds in your Stripe account.";
    let mut told = Vec::new();
    for reply in [
        Payouts::refused(400, "balance_insufficient", empty),
        Reply::hang(),
    ] {
        payouts.outside.answer(Payouts::TRANSFERS, [reply]);
        let run = owner.run_once(definition.clone(), done()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "BALANCE_INSUFFICIENT",
            "message": "api.stripe.com answered 400: You have insufficient available funds in your Stripe account.",
            "data": {
              "error": {
                "type": "invalid_request_error",
                "code": "balance_insufficient",
                "message": "You have insufficient available funds in your Stripe account."
              }
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    // One that is too many waits and is sent again, with the same key.
    let before = payouts.asked(Payouts::TRANSFERS).len();
    let limited =
        Payouts::refused(429, "rate_limit", "Too many requests.").header("retry-after", "1");
    payouts
        .outside
        .answer(Payouts::TRANSFERS, [limited, Payouts::transferred()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, done()).await?;
    assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "pay")["attempt"], 2, "{run:#}");
    let transfers = payouts.asked(Payouts::TRANSFERS);
    let (first, second) = (&transfers[before], &transfers[before + 1]);
    assert!((second.arrived - first.arrived).as_millis() >= 1000);
    assert_eq!(
        first.header("idempotency-key"),
        second.header("idempotency-key")
    );
    jackfield.finish().await
}

async fn a_payout_under_way_when_the_server_dies_is_made_once(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let mut jackfield = Jackfield::with(engine, &["payout", "stripe"]).await?;
    let owner = jackfield.owner();
    let (stripe, endpoint) = (
        payouts.connect(&owner, "stripe").await?,
        payouts.connect(&owner, "endpoint").await?,
    );
    payouts
        .outside
        .answer(Payouts::TRANSFERS, [Reply::hang(), Payouts::transferred()]);
    payouts.outside.answer(Payouts::ENDPOINT, [Reply::hang()]);
    let mut runs = Vec::new();
    for (app, method, recipient) in [
        (&stripe, "direct_deposit", "acct_1"),
        (&endpoint, "other", "worker-7"),
    ] {
        let workflow = owner.publish(method, pays(app, method, recipient)).await?;
        runs.push(owner.start_run(&workflow, done()).await?);
    }
    payouts.outside.wait_for_to(Payouts::TRANSFERS, 1).await?;
    payouts.outside.wait_for_to(Payouts::ENDPOINT, 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let run = owner.ended(&runs[0]).await?;
    assert_eq!(step(&run, "pay")["status"], "SUCCEEDED", "{run:#}");
    let transfers = payouts.asked(Payouts::TRANSFERS);
    let keys: Vec<&str> = transfers
        .iter()
        .map(|transfer| transfer.header("idempotency-key"))
        .collect();
    assert!(
        keys.len() == 2 && keys[0] == keys[1] && !keys[0].is_empty(),
        "{keys:?}"
    );
    // Nobody has said that the endpoint pays once for each key: a person decides.
    owner.reached(&runs[1], "pay", "UNCERTAIN").await?;
    assert_eq!(payouts.asked(Payouts::ENDPOINT).len(), 1);
    let paid = Reply::json(200, &json!({"id": "p_1", "status": "queued"}));
    payouts.outside.answer(Payouts::ENDPOINT, [paid]);
    let run = owner.run(&runs[1]).await?;
    let input = json!({"stepId": step(&run, "pay")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&runs[1]).await?["status"], "SUCCEEDED");
    let asked = payouts.asked(Payouts::ENDPOINT);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].header("idempotency-key"), "");
    jackfield.finish().await
}
