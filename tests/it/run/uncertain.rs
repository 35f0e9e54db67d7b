//! The server dies while a request is under way: whether it happened, nobody knows.

use anyhow::{Context, Result};
use jackfield_tests::{
    Client, Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step, steps,
};
use serde_json::{Value, json};

on_both_engines![
    an_uncertain_step_goes_on_as_its_node_says,
    a_person_decides_about_an_uncertain_step,
    only_what_may_be_repeated_is_repeated_unasked,
];

/// A POST, what comes after it, and what comes when it fails.
fn charge(outside: &Receiver, path: &str, config: Value, on_uncertain: Option<&str>) -> Value {
    let mut call = node("charge", "api-endpoint", json!({"method": "POST"}));
    call["config"]["url"] = json!(outside.url(path));
    for (name, value) in config.as_object().into_iter().flatten() {
        call["config"][name] = value.clone();
    }
    if let Some(policy) = on_uncertain {
        call["onUncertain"] = json!(policy);
    }
    let nodes = [
        node("start", "manual", json!({})),
        call,
        node(
            "note",
            "debug",
            json!({"message": "{{ steps.charge.output.body }}"}),
        ),
        node(
            "excuse",
            "debug",
            json!({"message": "{{ steps.charge.output.error.code }}"}),
        ),
    ];
    graph(
        nodes,
        &[
            "start -> charge",
            "charge -> note",
            "charge.error -> excuse",
        ],
    )
}

/// The first request is not answered before the server dies; later ones are.
fn hang_once(outside: &Receiver, path: &str) {
    let paid = Reply::json(201, &json!({"paid": true}));
    outside.answer(path, [Reply::hang(), paid]);
}

/// The server dies when `requests` have arrived, and comes back.
async fn crash(jackfield: &mut Jackfield, outside: &Receiver, requests: usize) -> Result<()> {
    outside.wait_for(requests).await?;
    jackfield.kill().await?;
    jackfield.restart().await
}

fn keys(outside: &Receiver, path: &str) -> Vec<String> {
    let requests = outside.requests_to(path).into_iter();
    requests
        .map(|request| request.header("idempotency-key").to_owned())
        .collect()
}

async fn an_uncertain_step_goes_on_as_its_node_says(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut runs = Vec::new();
    for (path, policy) in [("/retry", "RETRY"), ("/fail", "FAIL")] {
        hang_once(&outside, path);
        let definition = charge(&outside, path, json!({}), Some(policy));
        let workflow = owner.publish(policy, definition).await?;
        runs.push(owner.start_run(&workflow, json!({})).await?);
    }
    crash(&mut jackfield, &outside, 2).await?;

    let retried = owner.ended(&runs[0]).await?;
    assert_eq!(retried["status"], "SUCCEEDED", "{retried:#}");
    assert_eq!(
        step(&retried, "note")["output"],
        json!({"message": {"paid": true}})
    );
    assert_eq!(step(&retried, "charge")["attempt"], 1, "{retried:#}");
    let sent = keys(&outside, "/retry");
    assert_eq!(sent.len(), 2);
    assert!(sent[0] == sent[1] && !sent[0].is_empty(), "{sent:?}");

    let failed = owner.ended(&runs[1]).await?;
    assert_eq!(step(&failed, "charge")["status"], "FAILED", "{failed:#}");
    assert_eq!(
        step(&failed, "excuse")["output"],
        json!({"message": "UNCERTAIN"}),
        "{failed:#}"
    );
    assert_eq!(outside.requests_to("/fail").len(), 1);
    jackfield.finish().await
}

/// Checks that the audit log says so often that somebody has decided.
async fn decisions_are_recorded(owner: &Client, count: usize) -> Result<()> {
    let document = "{ auditLog(filter: {entityType: \"run\"}) { nodes { action } } }";
    let log = owner.data(document).await?;
    let entries = log["auditLog"]["nodes"].as_array().context("entries")?;
    let actions: Vec<_> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, vec!["resolved"; count]);
    Ok(())
}

async fn a_person_decides_about_an_uncertain_step(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let path = "/{{ trigger.body.as }}";
    let definition = charge(&outside, path, json!({}), Some("ASK"));
    let workflow = owner.publish("Ask", definition).await?;
    let mut asked = Vec::new();
    for resolution in ["RETRY", "SUCCEED", "FAIL"] {
        hang_once(&outside, &format!("/{resolution}"));
        let run = owner
            .start_run(&workflow, json!({"as": resolution}))
            .await?;
        asked.push((resolution, run));
    }
    crash(&mut jackfield, &outside, 3).await?;

    let mut ended = Vec::new();
    for (resolution, run) in &asked {
        let uncertain = owner.reached(run, "charge", "UNCERTAIN").await?;
        assert_eq!(uncertain["error"]["code"], "UNCERTAIN", "{uncertain:#}");
        assert_eq!(owner.run(run).await?["status"], "WAITING");
        let mut input = json!({"stepId": uncertain["id"], "resolution": resolution});
        if *resolution == "SUCCEED" {
            input["output"] = json!({"body": {"paid": "by hand"}});
        }
        let decide = owner.succeed("resolveStep", input.clone(), "step { id }");
        decide.await.context("the first decision counts")?;
        ended.push(owner.ended(run).await?);
        let second = owner.mutate("resolveStep", input, "step { id }").await?;
        assert_eq!(second["userErrors"][0]["code"], "CONFLICT", "{second:#}");
    }
    decisions_are_recorded(&owner, ended.len()).await?;
    let said = |run: &Value, key: &str| step(run, key)["output"]["message"].clone();
    assert_eq!(said(&ended[0], "note"), json!({"paid": true}));
    assert_eq!(said(&ended[1], "note"), json!({"paid": "by hand"}));
    assert_eq!(said(&ended[2], "excuse"), "UNCERTAIN");
    assert!(
        ended.iter().all(|run| run["status"] == "SUCCEEDED"),
        "{ended:#?}"
    );
    let sent = keys(&outside, "/RETRY");
    assert!(sent.len() == 2 && sent[0] == sent[1], "{sent:?}");
    assert_eq!(outside.requests().len(), 4);
    jackfield.finish().await
}

async fn only_what_may_be_repeated_is_repeated_unasked(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let configs = [
        ("/keyed", json!({})),
        ("/read", json!({"method": "GET"})),
        ("/keyless", json!({"idempotencyKey": ""})),
    ];
    let mut runs = Vec::new();
    for (path, config) in configs {
        hang_once(&outside, path);
        let workflow = owner
            .publish(path, charge(&outside, path, config, None))
            .await?;
        runs.push(owner.start_run(&workflow, json!({})).await?);
    }
    crash(&mut jackfield, &outside, 3).await?;

    for run in &runs[..2] {
        let run = owner.ended(run).await?;
        assert_eq!(step(&run, "charge")["status"], "SUCCEEDED", "{run:#}");
    }
    let uncertain = owner.reached(&runs[2], "charge", "UNCERTAIN").await?;
    assert_eq!(outside.requests_to("/keyless").len(), 1);
    // Somebody gives up instead of deciding.
    let input = json!({"runId": runs[2]});
    owner.succeed("cancelRun", input, "run { id }").await?;
    let cancelled = owner.ended(&runs[2]).await?;
    assert_eq!(cancelled["status"], "CANCELLED", "{uncertain:#}");
    assert_eq!(steps(&cancelled), ["start SUCCEEDED", "charge CANCELLED"]);
    jackfield.finish().await
}
