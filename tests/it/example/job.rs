//! A job is done: somebody looks at it, and the worker is paid.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{Client, Engine, Payouts, Slack, Workflow, on_both_engines};
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

/// The messages without the link, which is signed.
fn without_link(told: &str) -> String {
    let lines = told.lines().map(|line| match line.find(" http://…") {
        Some(start) => {
            let end = line[start..]
                .find('"')
                .map_or(line.len(), |end| start + end);
            format!("{} LINK{}", &line[..start], &line[end..])
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
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
    let told = without_link(&owner.told_of(&run, &vendors).await?);
    allow_duplicates! {
        assert_snapshot!(told, @"");
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
    let message = slack.messages()[1].json();
    assert_eq!(
        message["text"],
        "*Not paid:* job B-1001, Grace Hopper. Nobody approved it."
    );
    assert_eq!(message["thread_ts"], "1700000000.000100");
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
    let message = slack.messages()[1].json()["text"].clone();
    allow_duplicates! {
        assert_snapshot!(message.as_str().unwrap_or_default(), @"");
    }
    jackfield.finish().await
}
