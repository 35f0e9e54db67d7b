//! Which way a run goes.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{
    Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step, steps,
};
use serde_json::json;

on_both_engines![
    a_condition_chooses_the_way,
    the_first_case_that_holds_chooses_the_way,
    branches_run_at_the_same_time,
    a_failure_goes_by_the_error_port,
    a_failure_without_an_error_edge_ends_the_run,
    a_skipped_branch_does_not_hold_up_the_join,
];

async fn a_condition_chooses_the_way(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node(
            "large",
            "if",
            json!({"condition": "{{ trigger.body.amount > 100 }}"}),
        ),
        node(
            "ask",
            "debug",
            json!({"message": "{{ trigger.body.amount }} needs a signature"}),
        ),
        node(
            "pay",
            "debug",
            json!({"message": {"paid": "{{ trigger.body.amount }}"}}),
        ),
    ];
    let definition = graph(
        nodes,
        &["start -> large", "large.true -> ask", "large.false -> pay"],
    );
    let workflow = jackfield.owner().publish("Expenses", definition).await?;

    let large = jackfield
        .owner()
        .run_to_end(&workflow, json!({"amount": 101}))
        .await?;
    assert_eq!(
        step(&large, "ask")["output"],
        json!({"message": "101 needs a signature"})
    );
    assert_eq!(
        step(&large, "pay")["status"],
        "SKIPPED",
        "{:?}",
        steps(&large)
    );

    let small = jackfield
        .owner()
        .run_to_end(&workflow, json!({"amount": 100}))
        .await?;
    assert_eq!(
        step(&small, "pay")["output"],
        json!({"message": {"paid": 100}})
    );
    assert_eq!(
        step(&small, "ask")["status"],
        "SKIPPED",
        "{:?}",
        steps(&small)
    );
    jackfield.finish().await
}

async fn the_first_case_that_holds_chooses_the_way(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let cases = json!([
        {"port": "huge", "condition": "{{ trigger.body.amount > 1000 }}"},
        {"port": "large", "condition": "{{ trigger.body.amount > 100 }}"},
    ]);
    let said = |key: &str| {
        node(
            key,
            "debug",
            json!({"message": "{{ steps.size.output.port }}"}),
        )
    };
    let nodes = [
        node("start", "manual", json!({})),
        node("size", "switch", json!({"cases": cases})),
        said("board"),
        said("boss"),
        said("nobody"),
    ];
    let edges = [
        "start -> size",
        "size.huge -> board",
        "size.large -> boss",
        "size.default -> nobody",
    ];
    let owner = jackfield.owner();
    let workflow = owner.publish("Sizes", graph(nodes, &edges)).await?;
    let ways = [
        (5000, "board", "huge"),
        (500, "boss", "large"),
        (50, "nobody", "default"),
    ];
    for (amount, taken, port) in ways {
        let run = owner
            .run_to_end(&workflow, json!({"amount": amount}))
            .await?;
        assert_eq!(run["output"], json!({"message": port}), "{run:#}");
        for key in ["board", "boss", "nobody"] {
            let status = if key == taken { "SUCCEEDED" } else { "SKIPPED" };
            assert_eq!(step(&run, key)["status"], status, "{run:#}");
        }
    }
    jackfield.finish().await
}

async fn branches_run_at_the_same_time(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/slow", [Reply::default().after(Duration::from_secs(2))]);
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node("slow", "api-endpoint", json!({"url": outside.url("/slow")})),
        node(
            "quick",
            "api-endpoint",
            json!({"url": outside.url("/quick")}),
        ),
        node(
            "after_quick",
            "api-endpoint",
            json!({"url": outside.url("/after")}),
        ),
        node("joined", "debug", json!({"message": "both"})),
    ];
    let edges = [
        "start -> slow",
        "start -> quick",
        "quick -> after_quick",
        "slow -> joined",
        "after_quick -> joined",
    ];
    let run = jackfield
        .owner()
        .run_once(graph(nodes, &edges), json!({}))
        .await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let finished = |key: &str| step(&run, key)["finishedAt"].as_str().map(str::to_owned);
    let started = |key: &str| step(&run, key)["startedAt"].as_str().map(str::to_owned);
    // The quick branch got on while the slow one was under way, and the join came once, after both.
    assert!(finished("after_quick") < finished("slow"), "{run:#}");
    assert!(started("joined") >= finished("slow"), "{run:#}");
    assert_eq!(
        steps(&run)
            .iter()
            .filter(|step| step.starts_with("joined"))
            .count(),
        1
    );
    jackfield.finish().await
}

async fn a_failure_goes_by_the_error_port(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node(
            "divide",
            "set",
            json!({"values": {"share": "{{ 100 // trigger.body.parts }}"}}),
        ),
        node(
            "shared",
            "debug",
            json!({"message": "{{ steps.divide.output.share }}"}),
        ),
        node(
            "excuse",
            "debug",
            json!({"message": "{{ steps.divide.output }}"}),
        ),
    ];
    let definition = graph(
        nodes,
        &[
            "start -> divide",
            "divide -> shared",
            "divide.error -> excuse",
        ],
    );
    let workflow = jackfield.owner().publish("Share", definition).await?;

    let good = jackfield
        .owner()
        .run_to_end(&workflow, json!({"parts": 4}))
        .await?;
    assert_eq!(step(&good, "shared")["output"], json!({"message": 25}));
    let caught = jackfield
        .owner()
        .run_to_end(&workflow, json!({"parts": 0}))
        .await?;
    assert_eq!(caught["status"], "SUCCEEDED", "{caught:#}");
    assert_eq!(step(&caught, "excuse")["status"], "SUCCEEDED", "{caught:#}");
    assert_eq!(step(&caught, "shared")["status"], "SKIPPED", "{caught:#}");
    jackfield.finish().await
}

async fn a_failure_without_an_error_edge_ends_the_run(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node(
            "divide",
            "set",
            json!({"values": {"share": "{{ 100 // 0 }}"}}),
        ),
        node("shared", "debug", json!({"message": "never"})),
    ];
    let run = jackfield
        .owner()
        .run_once(
            graph(nodes, &["start -> divide", "divide -> shared"]),
            json!({}),
        )
        .await?;

    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(step(&run, "divide")["status"], "FAILED", "{run:#}");
    assert!(
        !run["error"].is_null() && !step(&run, "divide")["error"].is_null(),
        "{run:#}"
    );
    assert_ne!(step(&run, "shared")["status"], "SUCCEEDED", "{run:#}");
    jackfield.finish().await
}

async fn a_skipped_branch_does_not_hold_up_the_join(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let nodes = [
        node("start", "manual", json!({})),
        node(
            "choose",
            "if",
            json!({"condition": "{{ trigger.body.left }}"}),
        ),
        node("left", "debug", json!({"message": "left"})),
        node("right", "debug", json!({"message": "right"})),
        node("joined", "debug", json!({"message": "on"})),
    ];
    let edges = [
        "start -> choose",
        "choose.true -> left",
        "choose.false -> right",
        "left -> joined",
        "right -> joined",
    ];
    let run = jackfield
        .owner()
        .run_once(graph(nodes, &edges), json!({"left": true}))
        .await?;

    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "joined")["status"], "SUCCEEDED", "{run:#}");
    jackfield.finish().await
}
