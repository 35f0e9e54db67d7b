//! The workflows in `examples/`: every one is applied with the command line, published, and run against played vendors.

mod accounting;
mod booking;
mod call;
mod customer;
mod dispatch;
mod job;
mod order;
mod rating;
mod stripe;

use std::fs;

use anyhow::{Context, Result, ensure};
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::stripe::Stripe;
use jackfield_tests::{
    Client, Engine, Google, GoogleReviews, Jackfield, Mailchimp, Payouts, Postmark, QuickBooks,
    Quo, Slack, Twilio, Workflow, examples, on_both_engines, said,
};
use serde_json::{Value, json};

on_both_engines![all_are_applied_once, what_is_not_connected_is_told,];

/// The tests that run them.
const TESTS: &str = concat!(
    include_str!("accounting.rs"),
    include_str!("booking.rs"),
    include_str!("call.rs"),
    include_str!("customer.rs"),
    include_str!("dispatch.rs"),
    include_str!("job.rs"),
    include_str!("order.rs"),
    include_str!("rating.rs"),
    include_str!("stripe.rs"),
);

/// A server to which Slack is connected, and which knows what time it is here.
async fn start(engine: Engine) -> Result<(Jackfield, Slack)> {
    let (jackfield, slack) = (Jackfield::whole(engine).await?, Slack::start().await?);
    let owner = jackfield.owner();
    slack.connect(&owner).await?;
    slack.outside.forget();
    owner.set_variable("timeZone", "Europe/Berlin").await?;
    Ok((jackfield, slack))
}

/// Connects an app of the generic provider.
async fn connect_http(owner: &Client, name: &str) -> Result<()> {
    let credentials = json!({"scheme": "bearer", "token": "token-of-the-tests"});
    let app = json!({"provider": "http", "name": name, "credentials": credentials});
    owner.connect_app(app).await.map(drop)
}

/// Publishes events, the last of which is what the workflow waits for, and returns the only run after its end.
async fn run_of(
    owner: &Client,
    workflow: &Workflow,
    kind: &str,
    events: &[Value],
) -> Result<Value> {
    for event in events {
        owner.publish_event(kind, event.clone()).await?;
    }
    only(owner, workflow).await
}

/// The only run of a workflow, after its end.
async fn only(owner: &Client, workflow: &Workflow) -> Result<Value> {
    let mut runs = owner.ended_runs_of(workflow, 1).await?;
    ensure!(runs.len() == 1, "{runs:#?}");
    runs.pop().context("a run")
}

#[test]
fn each_has_a_test_and_stands_in_the_documentation() -> Result<()> {
    let table = fs::read_to_string(examples().join("README.md"))?;
    for entry in fs::read_dir(examples())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        let applied = format!("apply_example(\"{name}\")");
        ensure!(TESTS.contains(&applied), "no test runs {name}");
        ensure!(
            table.contains(&format!("[{name}]({name})")),
            "README.md does not tell of {name}"
        );
    }
    Ok(())
}

/// Connects whatever any of them wants.
async fn connect_all(owner: &Client) -> Result<()> {
    Stripe::start().await?.connect(owner, "Payments").await?;
    Google::start().await?.connect(owner).await?;
    Twilio::start(&["+15550100"]).await?.connect(owner).await?;
    Postmark::start().await?.connect(owner, "Mail").await?;
    Slack::start().await?.connect(owner).await?;
    Payouts::start().await?.connect(owner, "stripe").await?;
    QuickBooks::start().await?.connect(owner).await?;
    Mailchimp::start().await?.connect(owner).await?;
    Quo::start(&["+15550100"]).await?.connect(owner).await?;
    GoogleReviews::start().await?.connect(owner).await?;
    connect_http(owner, "Dispatch").await?;
    connect_http(owner, "Tasks").await
}

fn apply(jackfield: &Jackfield) -> Result<String> {
    let folder = examples().display().to_string();
    let secrets = ["paid=STRIPE_SECRET", "stripe=STRIPE_SECRET"];
    let arguments = [
        "apply",
        &folder,
        "--publish",
        "--secret",
        secrets[0],
        "--secret",
        secrets[1],
    ];
    let output = jackfield.workflow_command(&arguments)?;
    Ok(said(&output).replace(&format!("{folder}/"), ""))
}

async fn all_are_applied_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    connect_all(&jackfield.owner()).await?;
    let first = apply(&jackfield)?;
    allow_duplicates! {
        assert_snapshot!(first, @"
        booking-confirmed.yaml: created, published wf_…
        google-rating.yaml: created, published wf_…
        invoice-paid.yaml: created, published wf_…
        job-payout.yaml: created, published wf_…
        large-payments.yaml: created, published wf_…
        missed-call.yaml: created, published wf_…
        new-customer.yaml: created, published wf_…
        order-webhook.yaml: created, published wf_…
        payment-to-sheet.yaml: created, published wf_…
        quote-updated.yaml: created, published wf_…
        retry-and-fallback.yaml: created, published wf_…
        split-an-invoice.yaml: created, published wf_…
        stripe-to-slack.yaml: created, published wf_…
        ");
    }
    let again = apply(&jackfield)?;
    assert_eq!(again, first.replace("created, published", "unchanged"));
    let document = "{ workflows(first: 100) { nodes { name versions { totalCount } } } }";
    let data = jackfield.owner().data(document).await?;
    let workflows = data["workflows"]["nodes"].as_array().context("a list")?;
    assert_eq!(workflows.len(), first.lines().count());
    let once = |workflow: &Value| workflow["versions"]["totalCount"] == 1;
    assert!(workflows.iter().all(once), "{data}");
    jackfield.finish().await
}

async fn what_is_not_connected_is_told(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let told = apply(&jackfield)?;
    allow_duplicates! {
        assert_snapshot!(told, @"
        large-payments.yaml: created, published wf_…
        order-webhook.yaml: created, published wf_…
        split-an-invoice.yaml: created, published wf_…
        booking-confirmed.yaml: definition.nodes.1.connectedAppId (REQUIRED): node `charge` (`stripe`) needs a connected app of `stripe`, and there is none; connect one
        booking-confirmed.yaml: definition.nodes.2.connectedAppId (REQUIRED): node `unpaid` (`slack`) needs a connected app of `slack`, and there is none; connect one
        booking-confirmed.yaml: definition.nodes.3.connectedAppId (REQUIRED): node `calendar` (`google-calendar`) needs a connected app of `google`, and there is none; connect one
        booking-confirmed.yaml: definition.nodes.4.connectedAppId (REQUIRED): node `sms` (`twilio`) needs a connected app of `twilio`, and there is none; connect one
        booking-confirmed.yaml: definition.nodes.5.connectedAppId (REQUIRED): node `receipt` (`postmark`) needs a connected app of `postmark`, and there is none; connect one
        booking-confirmed.yaml: definition.nodes.6.connectedAppId (REQUIRED): node `summary` (`slack`) needs a connected app of `slack`, and there is none; connect one
        google-rating.yaml: definition.nodes.1.connectedAppId (REQUIRED): node `rating` (`google-reviews`) needs a connected app of `google-reviews`, and there is none; connect one
        google-rating.yaml: definition.nodes.2.connectedAppId (REQUIRED): node `reviews` (`google-reviews`) needs a connected app of `google-reviews`, and there is none; connect one
        invoice-paid.yaml: definition.nodes.1.connectedAppId (REQUIRED): node `record` (`quickbooks`) needs a connected app of `quickbooks`, and there is none; connect one
        invoice-paid.yaml: definition.nodes.2.connectedAppId (REQUIRED): node `missing` (`slack`) needs a connected app of `slack`, and there is none; connect one
        job-payout.yaml: definition.nodes.1.connectedAppId (REQUIRED): node `ask` (`slack`) needs a connected app of `slack`, and there is none; connect one
        job-payout.yaml: definition.nodes.3.connectedAppId (REQUIRED): node `pay` (`payout`) needs a connected app of `payout`, and there is none; connect one
        job-payout.yaml: definition.nodes.4.connectedAppId (REQUIRED): node `told` (`slack`) needs a connected app of `slack`, and there is none; connect one
        job-payout.yaml: definition.nodes.5.connectedAppId (REQUIRED): node `unpaid` (`slack`) needs a connected app of `slack`, and there is none; connect one
        missed-call.yaml: definition.nodes.0.connectedApp (NOT_FOUND): node `call`: there is no connected app called `Phone`; connect one of `quo` under this name, or write the name of another
        missed-call.yaml: definition.nodes.1.connectedApp (NOT_FOUND): node `task`: there is no connected app called `Tasks`; connect one of `http` under this name, or write the name of another
        new-customer.yaml: definition.nodes.1.connectedAppId (REQUIRED): node `member` (`mailchimp`) needs a connected app of `mailchimp`, and there is none; connect one
        new-customer.yaml: definition.nodes.2.connectedAppId (REQUIRED): node `missing` (`slack`) needs a connected app of `slack`, and there is none; connect one
        payment-to-sheet.yaml: definition.nodes.1.connectedAppId (REQUIRED): node `row` (`google-sheets`) needs a connected app of `google`, and there is none; connect one
        payment-to-sheet.yaml: definition.nodes.2.connectedAppId (REQUIRED): node `missing` (`slack`) needs a connected app of `slack`, and there is none; connect one
        quote-updated.yaml: definition.nodes.1.connectedAppId (REQUIRED): node `tell` (`slack`) needs a connected app of `slack`, and there is none; connect one
        retry-and-fallback.yaml: definition.nodes.1.connectedApp (NOT_FOUND): node `primary`: there is no connected app called `Dispatch`; connect one of `http` under this name, or write the name of another
        retry-and-fallback.yaml: definition.nodes.2.connectedApp (NOT_FOUND): node `standby`: there is no connected app called `Dispatch`; connect one of `http` under this name, or write the name of another
        stripe-to-slack.yaml: definition.nodes.2.connectedAppId (REQUIRED): node `paid` (`slack`) needs a connected app of `slack`, and there is none; connect one
        stripe-to-slack.yaml: definition.nodes.3.connectedAppId (REQUIRED): node `failed` (`slack`) needs a connected app of `slack`, and there is none; connect one
        stripe-to-slack.yaml: definition.nodes.4.connectedAppId (REQUIRED): node `disputed` (`slack`) needs a connected app of `slack`, and there is none; connect one
        jackfield: 10 of 13 files were refused
        ");
    }
    jackfield.finish().await
}
