//! Branches come together.

use std::time::Duration;

use anyhow::Result;
use jackfield_tests::{
    Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step, steps,
};
use serde_json::{Value, json};

on_both_engines![
    the_first_branch_or_the_nth_is_enough,
    all_branches_are_waited_for,
    too_few_branches_fail_the_merge,
];

/// Three branches of different speed, one of which is taken only with `trigger.body.third`.
fn merged(outside: &Receiver, config: Value) -> Value {
    for (n, path) in ["/one", "/two", "/three"].iter().enumerate() {
        let pause = Duration::from_millis(350 * n as u64);
        outside.answer(path, [Reply::json(200, &json!({"n": n})).after(pause)]);
    }
    let call = |key: &str| {
        let url = outside.url(&format!("/{key}"));
        node(key, "api-endpoint", json!({"url": url}))
    };
    let nodes = [
        node("start", "manual", json!({})),
        call("one"),
        call("two"),
        node(
            "wanted",
            "if",
            json!({"condition": "{{ trigger.body.third }}"}),
        ),
        call("three"),
        node("merged", "merge", config),
        node(
            "keys",
            "set",
            json!({"values": {"keys": "{{ steps.merged.output | list }}"}}),
        ),
    ];
    let edges = [
        "start -> one",
        "start -> two",
        "start -> wanted",
        "wanted.true -> three",
        "one -> merged",
        "two -> merged",
        "three -> merged",
        "merged -> keys",
    ];
    graph(nodes, &edges)
}

fn keys(run: &Value) -> &Value {
    &step(run, "keys")["output"]["keys"]
}

async fn the_first_branch_or_the_nth_is_enough(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let cases = [
        (json!({"mode": "any"}), json!(["one"]), "two"),
        (json!({"mode": "n", "n": 2}), json!(["one", "two"]), "three"),
    ];
    for (config, arrived, later) in cases {
        let definition = merged(&outside, config);
        let run = jackfield
            .owner()
            .run_once(definition, json!({"third": true}))
            .await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
        assert_eq!(keys(&run), &arrived, "{run:#}");
        // It went on before the later ones came, which were recorded, and did not go on again.
        let finished = |key: &str| step(&run, key)["finishedAt"].as_str().map(str::to_owned);
        assert!(finished("keys") < finished(later), "{run:#}");
        let succeeded = steps(&run);
        let succeeded = succeeded.iter().filter(|step| step.ends_with(" SUCCEEDED"));
        assert_eq!(succeeded.count(), 7, "{run:#}");
    }
    jackfield.finish().await
}

async fn all_branches_are_waited_for(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("All", merged(&outside, json!({}))).await?;
    let run = owner.run_to_end(&workflow, json!({"third": true})).await?;
    assert_eq!(keys(&run), &json!(["one", "two", "three"]), "{run:#}");
    let run = owner.run_to_end(&workflow, json!({"third": false})).await?;
    assert_eq!(keys(&run), &json!(["one", "two"]), "{run:#}");
    jackfield.finish().await
}

async fn too_few_branches_fail_the_merge(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let definition = merged(&outside, json!({"mode": "n", "n": 3}));
    let run = jackfield
        .owner()
        .run_once(definition, json!({"third": false}))
        .await?;
    assert_eq!(run["status"], "FAILED", "{run:#}");
    assert_eq!(
        run["error"]["message"],
        "2 of the 3 branches arrived, the others were not taken"
    );
    jackfield.finish().await
}
