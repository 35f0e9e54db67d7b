//! A service that fails is asked again, and then another one.

use anyhow::Result;
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, Receiver, Reply, Workflow, on_both_engines};
use serde_json::{Value, json};

use super::{connect_http, run_of};

on_both_engines![
    a_service_that_recovers_is_enough,
    the_standby_takes_over,
    when_nobody_takes_it_the_run_fails,
];

async fn world(engine: Engine) -> Result<(Jackfield, Workflow, Receiver, Receiver)> {
    let (dispatch, standby) = (Receiver::start().await?, Receiver::start().await?);
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    connect_http(&owner, "Dispatch").await?;
    for (name, outside) in [("dispatchUrl", &dispatch), ("dispatchStandbyUrl", &standby)] {
        owner.set_variable(name, outside.url("/v1")).await?;
    }
    let workflow = jackfield.apply_example("retry-and-fallback.yaml").await?;
    Ok((jackfield, workflow, dispatch, standby))
}

fn down() -> Reply {
    Reply::json(503, &json!({"error": "maintenance"}))
}

fn taken(id: &str) -> Reply {
    Reply::json(201, &json!({"id": id}))
}

async fn made(owner: &Client, workflow: &Workflow) -> Result<Value> {
    let booking = json!({"id": "bkg_1", "customerId": "cus_1", "service": "Window cleaning", "scheduledAt": "2026-12-02T09:30:00Z"});
    run_of(owner, workflow, "booking.created", &[booking]).await
}

async fn a_service_that_recovers_is_enough(engine: Engine) -> Result<()> {
    let (jackfield, workflow, dispatch, standby) = world(engine).await?;
    let owner = jackfield.owner();
    dispatch.answer("/v1/jobs", [down(), taken("job_1")]);
    let run = made(&owner, &workflow).await?;
    assert_eq!(
        run["output"],
        json!({"by": "dispatch", "job": "job_1"}),
        "{run:#}"
    );
    let requests = dispatch.requests();
    let keys: Vec<_> = requests
        .iter()
        .map(|request| request.header("idempotency-key"))
        .collect();
    assert_eq!(keys, ["bkg_1", "bkg_1"]);
    assert!(standby.requests().is_empty());
    jackfield.finish().await
}

async fn the_standby_takes_over(engine: Engine) -> Result<()> {
    let (jackfield, workflow, dispatch, standby) = world(engine).await?;
    let owner = jackfield.owner();
    dispatch.answer("/v1/jobs", [down()]);
    standby.answer("/v1/jobs", [taken("job_7")]);
    let run = made(&owner, &workflow).await?;
    let vendors = [("dispatch", &dispatch), ("standby", &standby)];
    let told = owner.told_of(&run, &vendors).await?;
    allow_duplicates! {
        assert_snapshot!(told, @r#"
        SUCCEEDED
        created SUCCEEDED -> data-out
        primary FAILED after 4 attempts -> error {"status":503,"body":{"error":"maintenance"},"bodyType":"json","contentType":"application/json","error":{"code":"HTTP_503","message":"The server answered 503.","retryable":true}}
        standby SUCCEEDED -> data-out {"status":201,"body":{"id":"job_7"},"bodyType":"json","contentType":"application/json"}
        taken SUCCEEDED -> data-out {"by":"standby","job":"job_7"}
        nobody SKIPPED
        dispatch <- POST /v1/jobs {"booking":"bkg_1","service":"Window cleaning","at":"2026-12-02T09:30:00Z"}
        dispatch <- POST /v1/jobs {"booking":"bkg_1","service":"Window cleaning","at":"2026-12-02T09:30:00Z"}
        dispatch <- POST /v1/jobs {"booking":"bkg_1","service":"Window cleaning","at":"2026-12-02T09:30:00Z"}
        dispatch <- POST /v1/jobs {"booking":"bkg_1","service":"Window cleaning","at":"2026-12-02T09:30:00Z"}
        standby <- POST /v1/jobs {"booking":"bkg_1","service":"Window cleaning","at":"2026-12-02T09:30:00Z","reason":"HTTP_503"}
        "#);
    }
    assert_eq!(standby.requests()[0].header("idempotency-key"), "bkg_1");
    jackfield.finish().await
}

async fn when_nobody_takes_it_the_run_fails(engine: Engine) -> Result<()> {
    let (jackfield, workflow, dispatch, standby) = world(engine).await?;
    let owner = jackfield.owner();
    for outside in [&dispatch, &standby] {
        outside.answer(
            "/v1/jobs",
            [Reply::json(422, &json!({"error": "no such area"}))],
        );
    }
    let run = made(&owner, &workflow).await?;
    assert_eq!(run["status"], "FAILED");
    allow_duplicates! {
        assert_snapshot!(run["error"]["message"].as_str().unwrap_or_default(), @"Neither dispatch (HTTP_422) nor the standby (HTTP_422) took booking bkg_1: hand it over by hand, or rerun this run from its failure.");
    }
    jackfield.finish().await
}
