//! SIGKILL: a restart picks up what was queued and goes on from what was written down.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines};
use serde_json::json;

on_both_engines![
    runs_survive_a_crash,
    an_event_that_was_acknowledged_survives_a_crash
];

const RUNS: usize = 20;

async fn runs_survive_a_crash(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let slow = Reply::default().after(Duration::from_millis(100));
    for path in ["/one", "/two", "/three"] {
        outside.answer(path, [slow.clone()]);
    }
    let mut jackfield = Jackfield::start(engine).await?;
    let call = |key: &str| {
        let url = format!(
            "{}?run={{{{ trigger.body.run }}}}",
            outside.url(&format!("/{key}"))
        );
        node(key, "api-endpoint", json!({"url": url}))
    };
    let nodes = [
        node("start", "manual", json!({})),
        call("one"),
        call("two"),
        call("three"),
    ];
    let definition = graph(nodes, &["start -> one", "one -> two", "two -> three"]);
    let workflow = jackfield.owner().publish("Three calls", definition).await?;
    let mut runs = Vec::new();
    for run in 0..RUNS {
        runs.push(
            jackfield
                .owner()
                .start_run(&workflow, json!({"run": run}))
                .await?,
        );
    }

    // Three crashes, each while something is under way.
    for seen in [RUNS / 2, RUNS, 2 * RUNS] {
        outside.wait_for(seen).await?;
        jackfield.kill().await?;
        jackfield.restart().await?;
    }
    for run in &runs {
        let run = jackfield.owner().ended(run).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }

    assert_each_call_was_made_and_none_after_its_successor(&outside);
    jackfield.finish().await
}

/// A call whose answer was written down is never made again: once `two` was called, `one` is not.
fn assert_each_call_was_made_and_none_after_its_successor(outside: &Receiver) {
    let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in outside.requests() {
        calls.entry(request.query).or_default().push(request.path);
    }
    assert_eq!(calls.len(), RUNS);
    for (run, paths) in calls {
        let mut steps = paths.clone();
        steps.dedup();
        assert_eq!(steps, ["/one", "/two", "/three"], "{run}: {paths:?}");
    }
}

async fn an_event_that_was_acknowledged_survives_a_crash(engine: Engine) -> Result<()> {
    let mut jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("got", "webhook", json!({})),
        node("note", "debug", json!({"message": "{{ trigger.body.n }}"})),
    ];
    let workflow = jackfield
        .owner()
        .publish("Note", graph(nodes, &["got -> note"]))
        .await?;
    for n in 0..5 {
        assert_eq!(
            workflow.hooks[0].post_json(&json!({"n": n})).await?.status,
            200
        );
    }
    jackfield.kill().await?;
    jackfield.restart().await?;

    let runs = jackfield.owner().ended_runs_of(&workflow, 5).await?;
    assert!(
        runs.iter().all(|run| run["status"] == "SUCCEEDED"),
        "{runs:#?}"
    );
    assert_eq!(runs.len(), 5);
    jackfield.finish().await
}
