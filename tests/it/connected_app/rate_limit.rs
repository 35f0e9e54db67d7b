//! The rate limit of a connected app, as the receiver of its requests sees it.

use std::time::Duration;

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, Engine, Jackfield, Receiver, Reply, Setup, Workflow, example, node, on_both_engines,
    start_then,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

on_both_engines![
    a_limit_holds_for_all_runs_together,
    a_step_says_that_it_waits_for_the_limit_and_can_be_cancelled,
    a_step_that_waits_survives_a_crash_and_goes_on_when_the_limit_is_raised,
    the_pause_that_one_run_is_told_spares_the_others,
    a_limit_can_be_read_changed_and_removed,
    bad_limits_are_refused_with_what_to_do,
];

#[test]
fn a_limit_holds_for_two_nodes_together() -> Result<()> {
    example(Engine::Postgres, |_| async {
        let first = Setup::new(Engine::Postgres)?.start().await?;
        let second = Setup::node_of(&first)?.start().await?;
        let outside = Receiver::start().await?;
        let app = connect(&first.owner(), json!({"requests": 5, "per": "PT1S"})).await?;
        let workflow = publish(&first.owner(), &outside, &app).await?;
        assert_held(&[first.owner(), second.owner()], &workflow, &outside).await?;
        first.finish().await?;
        second.finish().await
    })
}

async fn connect(owner: &Client, limit: Value) -> Result<String> {
    let credentials = json!({"scheme": "bearer", "token": "token-1111"});
    let input = json!({"provider": "http", "name": "Partner", "credentials": credentials, "rateLimit": limit});
    let payload = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let id = payload["connectedApp"]["id"].as_str();
    Ok(id.context("the app has an id")?.to_owned())
}

/// A workflow that makes one request with the app's credentials.
async fn publish(owner: &Client, outside: &Receiver, app: &str) -> Result<Workflow> {
    let mut call = node("call", "api-endpoint", json!({"url": outside.url("/")}));
    call["connectedAppId"] = app.into();
    owner.publish("One call", start_then(call)).await
}

const RUNS: usize = 12;

/// Starts more runs at once than may make their request in two seconds, five in each, and looks when the requests arrive.
async fn assert_held(nodes: &[Client], workflow: &Workflow, outside: &Receiver) -> Result<()> {
    let began = Instant::now();
    let mut runs = Vec::new();
    for client in nodes.iter().cycle().take(RUNS) {
        runs.push(client.start_run(workflow, json!({})).await?);
    }
    for run in &runs {
        let run = nodes[0].ended(run).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }
    let arrived = outside.requests();
    assert_eq!(arrived.len(), RUNS);
    let after = |request: usize| arrived[request].arrived.duration_since(began);
    for request in 0..RUNS {
        // A fifth of a second apart: late is possible on a busy machine, early is not.
        let turn = Duration::from_millis(200) * u32::try_from(request)?;
        assert!(
            after(request) >= turn,
            "request {request} came after {:?} instead of {turn:?}",
            after(request)
        );
    }
    Ok(())
}

async fn a_limit_holds_for_all_runs_together(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, json!({"requests": 5, "per": "PT1S"})).await?;
    let workflow = publish(&owner, &outside, &app).await?;
    assert_held(&[owner], &workflow, &outside).await?;
    jackfield.finish().await
}

const STEPS: &str = "query($id: ID!) { run(id: $id) { status steps {
    nodeKey status attempt startedAt wakeAt error rateLimitedBy { name rateLimit { requests per burst } }
} } }";

/// Waits until the run's step waits for the limit.
async fn waiting(owner: &Client, run: &str) -> Result<Value> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let run = owner.data_with(STEPS, json!({"id": run})).await?["run"].take();
        if run["status"] == "WAITING" || Instant::now() > deadline {
            return Ok(run);
        }
        sleep(Duration::from_millis(20)).await;
    }
}

fn without_wake_at(mut run: Value) -> Value {
    for step in run["steps"].as_array_mut().into_iter().flatten() {
        if step["wakeAt"].is_string() {
            step["wakeAt"] = "an instant".into();
        }
        if step["nodeKey"] == "start" {
            step["startedAt"] = "an instant".into();
        }
    }
    run
}

async fn a_step_says_that_it_waits_for_the_limit_and_can_be_cancelled(
    engine: Engine,
) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, json!({"requests": 1, "per": "PT1H"})).await?;
    let workflow = publish(&owner, &outside, &app).await?;
    owner.run_to_end(&workflow, json!({})).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    let waits = without_wake_at(waiting(&owner, &run).await?);
    allow_duplicates! {
        assert_json_snapshot!(waits, @r#"
        {
          "status": "WAITING",
          "steps": [
            {
              "nodeKey": "start",
              "status": "SUCCEEDED",
              "attempt": 1,
              "startedAt": "an instant",
              "wakeAt": null,
              "error": null,
              "rateLimitedBy": null
            },
            {
              "nodeKey": "call",
              "status": "WAITING",
              "attempt": 1,
              "startedAt": null,
              "wakeAt": "an instant",
              "error": null,
              "rateLimitedBy": {
                "name": "Partner",
                "rateLimit": {
                  "requests": 1,
                  "per": "PT1H",
                  "burst": 1
                }
              }
            }
          ]
        }
        "#);
    }

    owner
        .succeed("cancelRun", json!({"runId": run}), "run { id }")
        .await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "CANCELLED", "{run:#}");
    assert_eq!(outside.requests().len(), 1);
    jackfield.finish().await
}

async fn a_step_that_waits_survives_a_crash_and_goes_on_when_the_limit_is_raised(
    engine: Engine,
) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, json!({"requests": 1, "per": "P1D"})).await?;
    let workflow = publish(&owner, &outside, &app).await?;
    let first = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(first["status"], "SUCCEEDED", "{first:#}");
    let before = owner.start_run(&workflow, json!({})).await?;
    let waits = waiting(&owner, &before).await?;
    assert_eq!(waits["status"], "WAITING", "{waits:#}");

    jackfield.kill().await?;
    jackfield.restart().await?;
    let owner = jackfield.owner();
    // The turns that were given are known after the crash as well.
    let after = owner.start_run(&workflow, json!({})).await?;
    let waits = waiting(&owner, &after).await?;
    assert_eq!(waits["status"], "WAITING", "{waits:#}");
    assert_eq!(outside.requests().len(), 1);

    let raised = json!({"connectedAppId": app, "rateLimit": {"requests": 100, "per": "PT1S"}});
    owner
        .succeed("updateConnectedApp", raised, "connectedApp { id }")
        .await?;
    for run in [&before, &after] {
        let run = owner.ended(run).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
        assert_eq!(jackfield_tests::step(&run, "call")["attempt"], 1, "{run:#}");
    }
    assert_eq!(outside.requests().len(), 3);
    jackfield.finish().await
}

async fn the_pause_that_one_run_is_told_spares_the_others(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let busy = Reply::json(429, &json!({"error": "slow down"})).header("retry-after", "3600");
    outside.answer("/", [busy, Reply::default()]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, json!({"requests": 100, "per": "PT1S"})).await?;
    let workflow = publish(&owner, &outside, &app).await?;
    let told = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(told["status"], "FAILED", "{told:#}");

    let mut spared = Vec::new();
    for _ in 0..3 {
        spared.push(owner.start_run(&workflow, json!({})).await?);
    }
    for run in &spared {
        let waits = waiting(&owner, run).await?;
        assert_eq!(
            waits["steps"][1]["rateLimitedBy"]["name"], "Partner",
            "{waits:#}"
        );
    }
    assert_eq!(outside.requests().len(), 1);
    // Without a limit there is nothing to wait for: what the provider says then is the nodes' business.
    let removed = json!({"connectedAppId": app, "rateLimit": null});
    owner
        .succeed("updateConnectedApp", removed, "connectedApp { id }")
        .await?;
    for run in &spared {
        let run = owner.ended(run).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }
    jackfield.finish().await
}

async fn a_limit_can_be_read_changed_and_removed(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, json!({"requests": 100, "per": "PT1M"})).await?;
    let fields = "connectedApp { name rateLimit { requests per burst } }";
    let mut seen = Vec::new();
    for change in [
        json!({"name": "Renamed"}),
        json!({"rateLimit": {"requests": 30, "per": "PT1H", "burst": 15}}),
        json!({"rateLimit": null}),
    ] {
        let mut input = change;
        input["connectedAppId"] = app.as_str().into();
        let payload = owner.succeed("updateConnectedApp", input, fields).await?;
        seen.push(payload["connectedApp"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(seen, @r#"
        [
          {
            "name": "Renamed",
            "rateLimit": {
              "requests": 100,
              "per": "PT1M",
              "burst": 10
            }
          },
          {
            "name": "Renamed",
            "rateLimit": {
              "requests": 30,
              "per": "PT1H",
              "burst": 15
            }
          },
          {
            "name": "Renamed",
            "rateLimit": null
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn bad_limits_are_refused_with_what_to_do(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut said = Vec::new();
    for limit in [
        json!({"requests": 0, "per": "PT0.5S"}),
        json!({"requests": 10, "per": "PT1M", "burst": 10}),
    ] {
        let credentials = json!({"scheme": "bearer", "token": "token-1111"});
        let input = json!({"provider": "http", "name": "Partner", "credentials": credentials, "rateLimit": limit});
        let payload = owner
            .mutate("connectApp", input, "connectedApp { id }")
            .await?;
        said.push(payload["userErrors"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          [
            {
              "field": [
                "input",
                "rateLimit",
                "requests"
              ],
              "code": "INVALID",
              "message": "give a number from 1 to 1,000,000; to stop all requests switch the app off"
            },
            {
              "field": [
                "input",
                "rateLimit",
                "per"
              ],
              "code": "INVALID",
              "message": "give a duration from PT1S to P31D, and the number of requests for that"
            }
          ],
          [
            {
              "field": [
                "input",
                "rateLimit",
                "burst"
              ],
              "code": "INVALID",
              "message": "give a number from 1 to 5, half of `requests`: after a burst the rest are spread over the time, so that the limit holds"
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}
