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
    let (jackfield, slack) = (Jackfield::start(engine).await?, Slack::start().await?);
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
    let jackfield = Jackfield::start(engine).await?;
    connect_all(&jackfield.owner()).await?;
    let first = apply(&jackfield)?;
    allow_duplicates! {
        assert_snapshot!(first, @"");
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
    let jackfield = Jackfield::start(engine).await?;
    let told = apply(&jackfield)?;
    allow_duplicates! {
        assert_snapshot!(told, @"");
    }
    jackfield.finish().await
}
