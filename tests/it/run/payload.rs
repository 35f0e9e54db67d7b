//! A large webhook on its way through a run.

use anyhow::{Context, Result};
use jackfield_tests::{
    Engine, InboundHook, Jackfield, Receiver, Reply, graph, node, on_both_engines, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_large_webhook_is_passed_through_twenty_steps_and_stored_once,
    a_run_with_large_values_goes_on_after_a_crash,
    a_credential_that_comes_back_in_a_large_answer_stays_masked,
];

/// In every value that is large, once.
const MARKER: &str = "marker-8f2c41";

/// Some hundred kilobytes.
fn body() -> Value {
    let items: Vec<_> = (0..2_500)
        .map(|n| json!({"id": n, "name": format!("item {n}"), "price": 19.5, "tags": ["a", "ü"]}))
        .collect();
    json!({"id": "evt_1", "about": MARKER, "order": {"first": MARKER, "items": items}})
}

async fn post(hook: &InboundHook, body: &Value) -> Result<()> {
    let answer = hook.post_json(body).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    Ok(())
}

/// `got`, and so many `set` nodes, each of which passes on what the one before it has.
fn chain(steps: usize) -> Value {
    let mut nodes = vec![node("got", "webhook", json!({}))];
    let mut edges = Vec::new();
    for number in 0..steps {
        let from = match number {
            0 => "{{ trigger.body.order }}".to_owned(),
            _ => format!("{{{{ steps.n{}.output.order }}}}", number - 1),
        };
        let config = json!({"values": {"number": number, "order": from}});
        nodes.push(node(&format!("n{number}"), "set", config));
        edges.push(match number {
            0 => "got -> n0".to_owned(),
            _ => format!("n{} -> n{number}", number - 1),
        });
    }
    let edges: Vec<_> = edges.iter().map(String::as_str).collect();
    graph(nodes, &edges)
}

async fn a_large_webhook_is_passed_through_twenty_steps_and_stored_once(
    engine: Engine,
) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Twenty", chain(20)).await?;
    let before = jackfield.database_size()?;
    let body = body();
    post(&workflow.hooks[0], &body).await?;
    let runs = owner.ended_runs_of(&workflow, 1).await?;

    // History has it whole.
    let run = &runs[0];
    assert_eq!(run["status"], "SUCCEEDED", "{}", run["error"]);
    assert_eq!(run["input"]["body"], body);
    for number in 0..20 {
        let step = step(run, &format!("n{number}"));
        assert_eq!(step["input"]["values"]["order"], body["order"]);
        assert_eq!(step["output"]["order"], body["order"]);
    }
    assert_eq!(run["output"]["order"], body["order"]);
    let events = owner.data("{ events { nodes { data } } }").await?;
    assert_eq!(events["events"]["nodes"][0]["data"], body);

    let size = body.to_string().len() as u64;
    let grown = jackfield.database_size()?.saturating_sub(before);
    assert!(
        grown < 10 * size,
        "{grown} bytes for 43 documents of {size} bytes"
    );
    if engine == Engine::Postgres {
        // A dump has each row once. The items are the only large value; what is around them is small.
        let dump = String::from_utf8_lossy(&jackfield.database_bytes()?).into_owned();
        assert_eq!(dump.matches("item 2222\"").count(), 1);
        assert!(dump.matches(MARKER).count() > 40);
    }
    jackfield.finish().await
}

async fn a_run_with_large_values_goes_on_after_a_crash(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/slow", [Reply::hang(), Reply::default()]);
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node("got", "webhook", json!({})),
        node(
            "keep",
            "set",
            json!({"values": {"order": "{{ trigger.body.order }}"}}),
        ),
        node("slow", "api-endpoint", json!({"url": outside.url("/slow")})),
        node(
            "send",
            "api-endpoint",
            json!({"url": outside.url("/send"), "method": "POST", "body": "{{ steps.keep.output }}"}),
        ),
    ];
    let edges = ["got -> keep", "keep -> slow", "slow -> send"];
    let workflow = owner.publish("Goes on", graph(nodes, &edges)).await?;
    let body = body();
    post(&workflow.hooks[0], &body).await?;
    outside.wait_for(1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;

    let owner = jackfield.owner();
    let runs = owner.ended_runs_of(&workflow, 1).await?;
    assert_eq!(runs[0]["status"], "SUCCEEDED", "{}", runs[0]["error"]);
    let sent = outside.requests_to("/send");
    assert_eq!(sent[0].json(), json!({"order": body["order"]}));

    // A run done over from a step has what the earlier steps came to.
    let run = runs[0]["id"].as_str().context("a run has an id")?;
    let input = json!({"runId": run, "fromStep": "send"});
    let again = owner.succeed("rerun", input, "run { id }").await?;
    let again = again["run"]["id"].as_str().context("a run has an id")?;
    let again = owner.ended(again).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{}", again["error"]);
    assert_eq!(step(&again, "keep")["output"]["order"], body["order"]);
    assert_eq!(outside.requests_to("/send")[1].json(), sent[0].json());
    jackfield.finish().await
}

async fn a_credential_that_comes_back_in_a_large_answer_stays_masked(engine: Engine) -> Result<()> {
    let token = "canary-bearer-token-4711";
    let outside = Receiver::start().await?;
    let rows: Vec<_> = (0..2_000)
        .map(|n| json!({"row": n, "sent": format!("Bearer {token}"), "more": "x".repeat(40)}))
        .collect();
    outside.answer("/rows", [Reply::json(200, &json!({"rows": rows}))]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"provider": "http", "name": "Partner", "credentials": {"scheme": "bearer", "token": token}});
    let app = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let mut call = node("call", "api-endpoint", json!({"url": outside.url("/rows")}));
    call["connectedAppId"] = app["connectedApp"]["id"].clone();
    let said = node(
        "said",
        "debug",
        json!({"message": "{{ steps.call.output.body }}"}),
    );
    let nodes = [node("start", "manual", json!({})), call, said];
    let definition = graph(nodes, &["start -> call", "call -> said"]);
    let run = owner.run_once(definition, json!({})).await?;

    assert_eq!(run["status"], "SUCCEEDED", "{}", run["error"]);
    let rows = &step(&run, "said")["output"]["message"]["rows"];
    assert_eq!(rows[1_999]["sent"], "Bearer ***", "{}", rows[1_999]);
    assert!(!run.to_string().contains(token));
    let stored = String::from_utf8_lossy(&jackfield.database_bytes()?).into_owned();
    assert!(!stored.contains(token));
    jackfield.finish().await
}
