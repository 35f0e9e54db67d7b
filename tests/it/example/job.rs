//! A job is done: somebody looks at it, and the worker is paid.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{Client, Engine, Payouts, Slack, Workflow, hidden, on_both_engines};
use serde_json::{Value, json};

use super::{only, start};

on_both_engines![
    an_approved_job_is_paid,
    a_rejected_job_is_not_paid,
    a_payout_that_is_refused_is_told,
];

const TYPE: &str = "booking.completed";

/// Completes a job, and decides about its payout once Slack was asked to.
async fn decided(
    owner: &Client,
    slack: &Slack,
    workflow: &Workflow,
    decision: &str,
) -> Result<Value> {
    let job = json!({
        "id": "bkg_1", "number": "B-1001", "customerId": "cus_1", "status": "COMPLETED",
        "worker": {"name": "Grace Hopper", "account": "acct_1QKx7", "pay": 12950, "currency": "USD"},
    });
    let unpaid = json!({"id": "bkg_2", "customerId": "cus_1"});
    owner.publish_event(TYPE, unpaid).await?;
    owner.publish_event(TYPE, job).await?;
    slack
        .outside
        .wait_for_to("/api/chat.postMessage", 1)
        .await?;
    let runs = owner.runs_of(workflow).await?;
    let run = runs[0]["id"].as_str().context("an id")?;
    let step = owner.reached(run, "review", "WAITING").await?;
    let input = json!({"stepId": step["id"], "decision": decision});
    owner
        .succeed("decideApproval", input, "step { id }")
        .await?;
    only(owner, workflow).await
}

async fn an_approved_job_is_paid(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    payouts.connect(&owner, "stripe").await?;
    payouts.outside.forget();
    let workflow = jackfield.apply_example("job-payout.yaml").await?;
    let run = decided(&owner, &slack, &workflow, "APPROVED").await?;
    let vendors = [("payout", &payouts.outside), ("slack", &slack.outside)];
    // The link is signed, and of this server.
    let told = hidden(&owner.told_of(&run, &vendors).await?, "http%3A%2F%2F", &[]);
    allow_duplicates! {
        assert_snapshot!(told, @r#"
        SUCCEEDED
        completed SUCCEEDED -> data-out
        ask SUCCEEDED -> data-out {"channel":"C0123456789","ts":"1700000000.000100","ok":true}
        review SUCCEEDED -> approved {"decision":"APPROVED","comment":null}
        pay SUCCEEDED -> data-out {"service":"stripe","id":"tr_1","recipient":"acct_1QKx7","amount":"129.50","currency":"USD","answer":{"id":"tr_1","object":"transfer","amount":12950,"currency":"usd","destination":"acct_1","reversed":false}}
        told SUCCEEDED -> data-out {"channel":"C0123456789","ts":"1700000000.000100","ok":true}
        unpaid SKIPPED
        payout <- POST /v1/transfers amount=12950&currency=usd&description=Job+B-1001&destination=acct_1QKx7&transfer_group=bkg_1
        slack <- POST /api/chat.postMessage channel=%23operations&text=Job+B-1001+is+done.+Pay+Grace+Hopper+129.50+USD%3F+http%3A%2F%2F…
        slack <- POST /api/chat.postMessage channel=%23operations&text=Job+B-1001%3A+Grace+Hopper+was+paid+129.50+USD.&thread_ts=1700000000.000100
        "#);
    }
    jackfield.finish().await
}

async fn a_rejected_job_is_not_paid(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    payouts.connect(&owner, "stripe").await?;
    let workflow = jackfield.apply_example("job-payout.yaml").await?;
    decided(&owner, &slack, &workflow, "REJECTED").await?;
    assert!(payouts.asked(Payouts::TRANSFERS).is_empty());
    let (message, thread) = slack.said().swap_remove(1);
    assert_eq!(
        message,
        "*Not paid:* job B-1001, Grace Hopper. Nobody approved it."
    );
    assert_eq!(thread, "1700000000.000100");
    jackfield.finish().await
}

async fn a_payout_that_is_refused_is_told(engine: Engine) -> Result<()> {
    let payouts = Payouts::start().await?;
    let refused = Payouts::refused(400, "balance_insufficient", "You have insufficient funds.");
    payouts.outside.answer(Payouts::TRANSFERS, [refused]);
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    payouts.connect(&owner, "stripe").await?;
    let workflow = jackfield.apply_example("job-payout.yaml").await?;
    let run = decided(&owner, &slack, &workflow, "APPROVED").await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let (message, _) = slack.said().swap_remove(1);
    allow_duplicates! {
        assert_snapshot!(message, @"*Not paid:* job B-1001, Grace Hopper. api.stripe.com answered 400: You have insufficient funds.");
    }
    jackfield.finish().await
}
