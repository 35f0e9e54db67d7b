//! Runs done over, as a whole and from a step on, one and many; and single nodes tried out.

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step};
use serde_json::{Value, json};

on_both_engines![
    a_run_is_done_over_from_a_step_on,
    a_run_is_done_over_by_the_version_of_now,
    many_failed_runs_are_done_over_once,
    a_node_is_tried_out_and_nothing_is_saved,
];

fn calls(outside: &Receiver) -> Value {
    let call = |key: &str, more: &str| {
        let url = outside.url(&format!("/{key}"));
        node(
            key,
            "api-endpoint",
            json!({"url": url, "method": "POST", "body": {"from": more}}),
        )
    };
    let nodes = [
        node("start", "manual", json!({})),
        call("one", "{{ trigger.body.n }}"),
        call("two", "{{ steps.one.output.body.id }}"),
        call("three", "{{ steps.two.output.body.id }}"),
    ];
    graph(nodes, &["start -> one", "one -> two", "two -> three"])
}

fn paths(outside: &Receiver) -> Vec<String> {
    outside
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect()
}

async fn a_run_is_done_over_from_a_step_on(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/one", [Reply::json(200, &json!({"id": "first"}))]);
    outside.answer(
        "/two",
        [
            Reply::json(500, &json!({})),
            Reply::json(200, &json!({"id": "second"})),
        ],
    );
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Calls", calls(&outside)).await?;
    let failed = owner.run_to_end(&workflow, json!({"n": 7})).await?;
    assert_eq!(failed["status"], "FAILED");

    let input = json!({"runId": failed["id"], "fromStep": "two"});
    let again = owner
        .succeed("rerun", input, "run { id input rerunOf { id } }")
        .await?;
    assert_eq!(again["run"]["rerunOf"]["id"], failed["id"]);
    assert_eq!(again["run"]["input"]["body"], json!({"n": 7}));
    let run = owner
        .ended(again["run"]["id"].as_str().context("an id")?)
        .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "one")["output"], step(&failed, "one")["output"]);
    assert_eq!(paths(&outside), ["/one", "/two", "/two", "/three"]);

    let whole = owner
        .succeed("rerun", json!({"runId": failed["id"]}), "run { id }")
        .await?;
    let run = owner
        .ended(whole["run"]["id"].as_str().context("an id")?)
        .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(paths(&outside).len(), 7);
    let keys: std::collections::BTreeSet<_> = outside
        .requests()
        .into_iter()
        .map(|request| request.headers.get("idempotency-key").cloned())
        .collect();
    assert_eq!(keys.len(), 7, "every effect has a key of its own: {keys:?}");

    let unknown = owner
        .mutate(
            "rerun",
            json!({"runId": failed["id"], "fromStep": "tow"}),
            "run { id }",
        )
        .await?;
    assert_eq!(unknown["userErrors"][0]["code"], "NOT_FOUND", "{unknown}");
    let missing = owner
        .mutate("rerun", json!({"runId": "run_0"}), "run { id }")
        .await?;
    assert_eq!(missing["userErrors"][0]["code"], "NOT_FOUND", "{missing}");
    jackfield.finish().await
}

async fn a_run_is_done_over_by_the_version_of_now(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let saying = |text: &str| {
        let nodes = [
            node("start", "manual", json!({})),
            node(
                "first",
                "set",
                json!({"values": {"n": "{{ trigger.body }}"}}),
            ),
            node(
                "last",
                "debug",
                json!({"message": format!("{text} {{{{ steps.first.output.n }}}}")}),
            ),
        ];
        graph(nodes, &["start -> first", "first -> last"])
    };
    let workflow = owner.publish("Note", saying("before")).await?;
    let run = owner.run_to_end(&workflow, json!(1)).await?;
    let save = json!({"workflowId": workflow.id, "definition": saying("after")});
    owner
        .succeed("saveWorkflow", save, "workflow { id }")
        .await?;
    owner
        .succeed(
            "publishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;
    for (use_latest, message) in [(false, "before 1"), (true, "after 1")] {
        let input = json!({"runId": run["id"], "fromStep": "last", "useLatest": use_latest});
        let again = owner.succeed("rerun", input, "run { id }").await?;
        let again = owner
            .ended(again["run"]["id"].as_str().context("an id")?)
            .await?;
        assert_eq!(again["output"], json!({"message": message}), "{again:#}");
    }
    jackfield.finish().await
}

async fn many_failed_runs_are_done_over_once(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let definition = |by: &str| {
        let nodes = [
            node("start", "manual", json!({})),
            node(
                "divide",
                "set",
                json!({"values": {"each": format!("{{{{ 100 // {by} }}}}")}}),
            ),
        ];
        graph(nodes, &["start -> divide"])
    };
    let workflow = owner.publish("Divide", definition("trigger.body")).await?;
    for n in 0..5 {
        owner.run_to_end(&workflow, json!(n % 2)).await?;
    }
    let save = json!({"workflowId": workflow.id, "definition": definition("1")});
    owner
        .succeed("saveWorkflow", save, "workflow { id }")
        .await?;
    owner
        .succeed(
            "publishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;

    let many = |after: &Value| json!({"filter": {"workflowId": workflow.id}, "useLatest": true, "limit": 2, "after": after});
    let first = owner
        .succeed("rerunMany", many(&Value::Null), "started leftOut after")
        .await?;
    assert_eq!(
        (&first["started"], &first["leftOut"]),
        (&json!(2), &json!(0)),
        "{first}"
    );
    let second = owner
        .succeed("rerunMany", many(&first["after"]), "started leftOut after")
        .await?;
    assert_eq!(
        (&second["started"], &second["after"]),
        (&json!(1), &Value::Null),
        "{second}"
    );
    let none = owner
        .succeed("rerunMany", many(&Value::Null), "started leftOut after")
        .await?;
    assert_eq!(
        none["started"], 0,
        "what was done over is not done over again: {none}"
    );
    let data = owner
        .data("{ runs { nodes { id rerunOf { id } } } }")
        .await?;
    for run in data["runs"]["nodes"].as_array().into_iter().flatten() {
        if !run["rerunOf"].is_null() {
            let run = owner.ended(run["id"].as_str().context("an id")?).await?;
            assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
        }
    }
    jackfield.finish().await
}

async fn a_node_is_tried_out_and_nothing_is_saved(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/pay", [Reply::json(201, &json!({"id": "ch_1"}))]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = json!({"provider": "http", "name": "API", "credentials": {"scheme": "bearer", "token": "a-token-of-ours"}});
    let app = owner
        .succeed("connectApp", app, "connectedApp { id }")
        .await?;
    let test = json!({
        "type": "api-endpoint", "connectedAppId": app["connectedApp"]["id"],
        "config": {"url": outside.url("/pay"), "method": "POST", "body": {"amount": "{{ steps.total.output.cents }}"}},
        "scope": {"steps": {"total": {"output": {"cents": 1200}, "port": "data-out"}}},
    });
    let tested = owner
        .succeed("testNode", test, "result { input output port error }")
        .await?;
    let result = &tested["result"];
    assert_eq!(
        (&result["port"], &result["error"]),
        (&json!("data-out"), &Value::Null),
        "{tested:#}"
    );
    assert_eq!(result["output"]["body"]["id"], "ch_1");
    assert_eq!(result["input"]["body"], json!({"amount": 1200}));
    let request = outside.requests().remove(0);
    assert_eq!(
        request.headers.get("authorization").map(String::as_str),
        Some("Bearer a-token-of-ours")
    );

    let wrong =
        json!({"type": "if", "config": {"condition": "{{ steps.nothing.output }}", "cond": 1}});
    let refused = owner.mutate("testNode", wrong, "result { port }").await?;
    assert_eq!(
        refused["userErrors"][0]["field"],
        json!(["input", "node", "config", "cond"]),
        "{refused:#}"
    );
    let logic = json!({"type": "if", "config": {"condition": "{{ trigger.body > 3 }}"}, "scope": {"trigger": {"body": 4}}});
    let tested = owner
        .succeed("testNode", logic, "result { port output }")
        .await?;
    assert_eq!(
        tested["result"],
        json!({"port": "true", "output": {"condition": true}})
    );
    let data = owner
        .data("{ runs { totalCount } workflows { totalCount } }")
        .await?;
    assert_eq!(
        data,
        json!({"runs": {"totalCount": 0}, "workflows": {"totalCount": 0}})
    );
    jackfield.finish().await
}
