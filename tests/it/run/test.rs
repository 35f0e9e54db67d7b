//! Drafts that are tried out: runs of what is not published, with outputs pinned to nodes.

use anyhow::{Context, Result};
use jackfield_tests::{
    Client, Engine, Jackfield, Receiver, Reply, graph, node, on_both_engines, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_pinned_node_is_not_executed_in_a_test_run,
    what_is_published_knows_nothing_of_pins,
    pins_stay_as_long_as_they_fit_the_draft,
    a_test_run_is_told_apart_and_starts_no_error_workflow,
    what_cannot_be_pinned_or_tried_out_says_why,
];

const PINS: &str = "workflow { id pins { nodeKey port output } }";

fn charging(outside: &Receiver) -> Value {
    let nodes = [
        node("start", "manual", json!({})),
        node(
            "charge",
            "api-endpoint",
            json!({"url": outside.url("/charge"), "method": "POST", "body": {"cents": "{{ trigger.body.cents }}"}}),
        ),
        node(
            "big",
            "if",
            json!({"condition": "{{ steps.charge.output.body.cents > 100 }}"}),
        ),
        node(
            "yes",
            "set",
            json!({"values": {"id": "{{ steps.charge.output.body.id }}"}}),
        ),
        node("no", "set", json!({"values": {"small": true}})),
    ];
    let edges = [
        "start -> charge",
        "charge -> big",
        "big.true -> yes",
        "big.false -> no",
    ];
    graph(nodes, &edges)
}

async fn create(owner: &Client, definition: Value) -> Result<String> {
    let input = json!({"name": "Draft", "definition": definition});
    let created = owner
        .succeed("createWorkflow", input, "workflow { id }")
        .await?;
    Ok(created["workflow"]["id"]
        .as_str()
        .context("an id")?
        .to_owned())
}

/// Runs the draft to its end.
async fn test(owner: &Client, input: Value) -> Result<Value> {
    let started = owner
        .succeed("testWorkflow", input, "run { id isTest }")
        .await?;
    assert_eq!(started["run"]["isTest"], true, "{started}");
    owner
        .ended(started["run"]["id"].as_str().context("an id")?)
        .await
}

/// The keys of the steps of a run that were not executed.
async fn pinned_steps(owner: &Client, run: &Value) -> Result<Vec<String>> {
    let document = "query($id: ID!) { run(id: $id) { steps { nodeKey isPinned } } }";
    let data = owner.data_with(document, json!({"id": run["id"]})).await?;
    let steps = data["run"]["steps"].as_array().context("steps")?.iter();
    let pinned = steps.filter(|step| step["isPinned"] == true);
    Ok(pinned
        .filter_map(|step| Some(step["nodeKey"].as_str()?.to_owned()))
        .collect())
}

async fn a_pinned_node_is_not_executed_in_a_test_run(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer(
        "/charge",
        [Reply::json(200, &json!({"id": "ch_1", "cents": 900}))],
    );
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = create(&owner, charging(&outside)).await?;

    // Nothing is published, and the draft runs all the same.
    let first = test(
        &owner,
        json!({"workflowId": workflow, "input": {"cents": 900}}),
    )
    .await?;
    assert_eq!(first["output"], json!({"id": "ch_1"}), "{first:#}");
    assert_eq!(outside.requests().len(), 1);
    assert!(pinned_steps(&owner, &first).await?.is_empty());

    let charged = step(&first, "charge");
    let input = json!({"workflowId": workflow, "stepId": charged["id"]});
    let pinned = owner.succeed("pinNode", input, PINS).await?;
    let pins = &pinned["workflow"]["pins"];
    assert_eq!(pins[0]["nodeKey"], "charge", "{pins}");
    assert_eq!(pins[0]["output"], charged["output"]);
    let again = test(
        &owner,
        json!({"workflowId": workflow, "input": {"cents": 900}}),
    )
    .await?;
    assert_eq!(again["output"], json!({"id": "ch_1"}), "{again:#}");
    assert_eq!(outside.requests().len(), 1, "a pinned node asks nobody");
    assert_eq!(pinned_steps(&owner, &again).await?, ["charge"]);

    // A port is pinned with the output: the condition is not looked at.
    let input = json!({"workflowId": workflow, "nodeKey": "big", "output": null, "port": "false"});
    owner.succeed("pinNode", input, PINS).await?;
    let other = test(&owner, json!({"workflowId": workflow})).await?;
    assert_eq!(other["output"], json!({"small": true}), "{other:#}");
    assert_eq!(step(&other, "yes")["status"], "SKIPPED");

    jackfield.finish().await
}

async fn what_is_published_knows_nothing_of_pins(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let charge = json!({"id": "ch_1", "cents": 900});
    outside.answer("/charge", [Reply::json(200, &charge)]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let workflow = create(&owner, charging(&outside)).await?;

    // By the port `error`, the run fails as it would in earnest.
    let input = json!({"workflowId": workflow, "nodeKey": "charge", "output": {"status": 402}, "port": "error"});
    owner.succeed("pinNode", input, PINS).await?;
    let failed = test(
        &owner,
        json!({"workflowId": workflow, "input": {"cents": 900}}),
    )
    .await?;
    assert_eq!(failed["status"], "FAILED", "{failed:#}");
    assert_eq!(failed["error"]["code"], "HTTP_STATUS", "{failed:#}");

    // The published version is the same one.
    owner
        .succeed(
            "publishWorkflow",
            json!({"workflowId": workflow}),
            "workflow { id }",
        )
        .await?;
    let input = json!({"workflowId": workflow, "input": {"cents": 900}});
    let started = owner
        .succeed("startRun", input, "run { id isTest }")
        .await?;
    assert_eq!(started["run"]["isTest"], false);
    let run = owner
        .ended(started["run"]["id"].as_str().context("an id")?)
        .await?;
    assert_eq!(run["output"], json!({"id": "ch_1"}), "{run:#}");
    assert_eq!(outside.requests().len(), 1);

    // A test run done over is one again; by the published version it is none.
    let over = json!({"runId": failed["id"]});
    let over = owner.succeed("rerun", over, "run { id isTest }").await?;
    assert_eq!(over["run"]["isTest"], true);
    owner
        .ended(over["run"]["id"].as_str().context("an id")?)
        .await?;
    assert_eq!(outside.requests().len(), 1);
    let over = json!({"runId": failed["id"], "useLatest": true});
    let over = owner.succeed("rerun", over, "run { id isTest }").await?;
    assert_eq!(over["run"]["isTest"], false);
    let run = owner
        .ended(over["run"]["id"].as_str().context("an id")?)
        .await?;
    assert_eq!(run["output"], json!({"id": "ch_1"}), "{run:#}");
    assert_eq!(outside.requests().len(), 2);
    jackfield.finish().await
}

async fn pins_stay_as_long_as_they_fit_the_draft(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let draft = |second: Value, route: Value| {
        let nodes = [
            node("start", "manual", json!({})),
            node("first", "set", json!({"values": {}})),
            second,
            node("route", "switch", route),
        ];
        graph(
            nodes,
            &["start -> first", "start -> second", "start -> route"],
        )
    };
    let cases = json!({"cases": [{"port": "a", "condition": "{{ true }}"}]});
    let set = node("second", "set", json!({"values": {}}));
    let workflow = create(&owner, draft(set.clone(), cases.clone())).await?;
    for (key, port) in [
        ("first", "data-out"),
        ("second", "data-out"),
        ("route", "a"),
    ] {
        let input =
            json!({"workflowId": workflow, "nodeKey": key, "port": port, "output": {"of": key}});
        owner.succeed("pinNode", input, PINS).await?;
    }
    let saved = async |definition: Value| -> Result<Vec<String>> {
        let input = json!({"workflowId": workflow, "definition": definition});
        let saved = owner.succeed("saveWorkflow", input, PINS).await?;
        let pins = saved["workflow"]["pins"].as_array().context("pins")?.iter();
        Ok(pins
            .filter_map(|pin| Some(pin["nodeKey"].as_str()?.to_owned()))
            .collect())
    };
    let config = node("second", "set", json!({"values": {"more": 1}}));
    assert_eq!(
        saved(draft(config, cases.clone())).await?,
        ["first", "route", "second"]
    );
    let debug = node("second", "debug", json!({"message": "hello"}));
    assert_eq!(
        saved(draft(debug, cases)).await?,
        ["first", "route"],
        "another type"
    );
    let cases = json!({"cases": [{"port": "b", "condition": "{{ true }}"}]});
    assert_eq!(
        saved(draft(set, cases)).await?,
        ["first"],
        "the port is gone"
    );
    let input = json!({"workflowId": workflow, "nodeKey": "first"});
    let unpinned = owner.succeed("unpinNode", input.clone(), PINS).await?;
    assert_eq!(unpinned["workflow"]["pins"], json!([]));
    owner.succeed("unpinNode", input, PINS).await?;
    jackfield.finish().await
}

async fn a_test_run_is_told_apart_and_starts_no_error_workflow(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let told = graph([node("start", "manual", json!({}))], &[]);
    let told = owner.publish("Told of failures", told).await?;
    let nodes = [
        node("in", "webhook", json!({})),
        node(
            "stop",
            "fail",
            json!({"message": "no: {{ trigger.body.why }}"}),
        ),
    ];
    let mut failing = graph(nodes, &["in -> stop"]);
    failing["settings"] = json!({"errorWorkflowId": told.id});
    let workflow = owner.publish("Failing", failing).await?;

    // What was pinned to the trigger is what the run starts with, headers and all.
    let output =
        json!({"body": {"why": "pinned"}, "headers": {"x": "1"}, "query": {}, "event": null});
    let input = json!({"workflowId": workflow.id, "nodeKey": "in", "output": output});
    owner.succeed("pinNode", input, PINS).await?;
    let run = test(&owner, json!({"workflowId": workflow.id})).await?;
    assert_eq!(run["error"]["message"], "no: pinned", "{run:#}");
    assert_eq!(run["input"], output);
    assert_eq!(pinned_steps(&owner, &run).await?, ["in"]);
    let run = test(
        &owner,
        json!({"workflowId": workflow.id, "input": {"why": "given"}}),
    )
    .await?;
    assert_eq!(run["error"]["message"], "no: given", "{run:#}");

    let list = async |is_test: bool| -> Result<u64> {
        let document =
            "query($filter: RunFilter) { runs(filter: $filter) { totalCount nodes { isTest } } }";
        let filter = json!({"filter": {"workflowId": workflow.id, "isTest": is_test}});
        let runs = owner.data_with(document, filter).await?["runs"].take();
        let told = runs["nodes"].as_array().context("nodes")?.iter();
        assert!(
            told.map(|run| &run["isTest"]).all(|told| *told == is_test),
            "{runs}"
        );
        runs["totalCount"].as_u64().context("a number")
    };
    assert_eq!((list(true).await?, list(false).await?), (2, 0));
    assert!(
        owner.runs_of(&told).await?.is_empty(),
        "nobody is told of a test run"
    );
    let many = json!({"filter": {"status": "FAILED"}});
    let many = owner.succeed("rerunMany", many, "started").await?;
    assert_eq!(many["started"], 0, "test runs are not done over by the way");
    jackfield.finish().await
}

async fn what_cannot_be_pinned_or_tried_out_says_why(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node("one", "webhook", json!({})),
        node("two", "webhook", json!({})),
        node("on", "if", json!({"condition": "{{ true }}"})),
    ];
    let workflow = create(&owner, graph(nodes, &["one -> on", "two -> on"])).await?;
    let mut told = Vec::new();
    for input in [
        json!({"nodeKey": "off", "output": 1}),
        json!({"nodeKey": "on", "output": 1, "port": "maybe"}),
        json!({"nodeKey": "on"}),
        json!({"output": 1}),
        json!({"nodeKey": "on", "stepId": "step_0"}),
        json!({"nodeKey": "on", "stepId": "step_0", "port": "true"}),
        json!({"nodeKey": "on", "stepId": "step_0", "output": 1}),
    ] {
        let mut input = input;
        input["workflowId"] = json!(workflow);
        told.push(owner.mutate("pinNode", input, PINS).await?);
    }
    for input in [json!({}), json!({"triggerKey": "on"})] {
        let mut input = input;
        input["workflowId"] = json!(workflow);
        told.push(owner.mutate("testWorkflow", input, "run { id }").await?);
    }
    let missing = json!({"workflowId": "wf_0"});
    told.push(owner.mutate("testWorkflow", missing, "run { id }").await?);
    let told: Vec<String> = told.iter().map(Value::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    {"workflow":null,"userErrors":[{"field":["input","nodeKey"],"code":"NOT_FOUND","message":"the draft has no node with the key `off`"}]}
    {"workflow":null,"userErrors":[{"field":["input","port"],"code":"UNKNOWN_PORT","message":"`if` has no output port `maybe`; it has `true`, `false`, `error`"}]}
    {"workflow":null,"userErrors":[{"field":["input","output"],"code":"REQUIRED","message":"give `output`, or the `stepId` of the step that returned it"}]}
    {"workflow":null,"userErrors":[{"field":["input","nodeKey"],"code":"REQUIRED","message":"say which node"}]}
    {"workflow":null,"userErrors":[{"field":["input","stepId"],"code":"NOT_FOUND","message":"There is no such step in this workspace."}]}
    {"workflow":null,"userErrors":[{"field":["input","port"],"code":"CONFLICT","message":"a step brings its own port; leave `port` out"}]}
    {"workflow":null,"userErrors":[{"field":["input","output"],"code":"CONFLICT","message":"give either `output` or `stepId`"}]}
    {"run":null,"userErrors":[{"field":["input","triggerKey"],"code":"REQUIRED","message":"say at which trigger to start: there are `one`, `two`"}]}
    {"run":null,"userErrors":[{"field":["input","triggerKey"],"code":"NOT_FOUND","message":"the draft has no trigger with the key `on`"}]}
    {"run":null,"userErrors":[{"field":["input","workflowId"],"code":"NOT_FOUND","message":"There is no such workflow in this workspace."}]}
    "#);
    jackfield.finish().await
}
