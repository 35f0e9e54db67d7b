//! Saving, publishing, deleting, and what runs keep of it.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, node, on_both_engines, start_then, step};
use serde_json::{Value, json};

on_both_engines![
    a_draft_does_not_run_until_it_is_published,
    a_deleted_workflow_is_gone_and_its_runs_stay,
    an_object_is_found_by_its_id,
    lists_are_paged_newest_first,
    node_types_are_listed_with_their_schemas,
];

fn saying(message: &str) -> Value {
    start_then(node("note", "debug", json!({"message": message})))
}

async fn a_draft_does_not_run_until_it_is_published(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Note", saying("first")).await?;
    let input = json!({"workflowId": workflow.id, "definition": saying("second")});
    owner
        .succeed("saveWorkflow", input, "workflow { id }")
        .await?;

    let run = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(step(&run, "note")["output"], json!({"message": "first"}));
    owner
        .succeed(
            "publishWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;
    let run = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(step(&run, "note")["output"], json!({"message": "second"}));
    jackfield.finish().await
}

async fn a_deleted_workflow_is_gone_and_its_runs_stay(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Note", saying("seen")).await?;
    let run = owner.run_to_end(&workflow, json!({})).await?;
    owner
        .succeed(
            "deleteWorkflow",
            json!({"workflowId": workflow.id}),
            "workflow { id }",
        )
        .await?;

    let document = "query($id: ID!) { workflow(id: $id) { id } workflows { totalCount } }";
    let data = owner
        .data_with(document, json!({"id": workflow.id}))
        .await?;
    assert_eq!(
        data,
        json!({"workflow": null, "workflows": {"totalCount": 0}})
    );
    let id = run["id"].as_str().unwrap_or_default();
    assert_eq!(owner.run(id).await?["status"], "SUCCEEDED");
    let input = json!({"workflowId": workflow.id, "input": {}});
    let refused = owner.mutate("startRun", input, "run { id }").await?;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused:#}");
    jackfield.finish().await
}

async fn an_object_is_found_by_its_id(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let workflow = owner.publish("Note", saying("seen")).await?;
    let run = owner.run_to_end(&workflow, json!({})).await?;

    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let ids = json!([
        run["id"],
        workflow.id,
        "wf_00000000000000000000000000",
        step(&run, "note")["id"]
    ]);
    let data = owner.data_with(document, json!({"ids": ids})).await?;
    let expected = json!([
        {"__typename": "Run", "id": run["id"]},
        {"__typename": "Workflow", "id": workflow.id},
        null,
        {"__typename": "Step", "id": step(&run, "note")["id"]},
    ]);
    assert_eq!(data["nodes"], expected);
    jackfield.finish().await
}

async fn lists_are_paged_newest_first(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    for name in ["one", "two", "three"] {
        let input = json!({"name": name, "definition": saying(name)});
        owner
            .succeed("createWorkflow", input, "workflow { id }")
            .await?;
    }
    let document = "query($first: Int, $after: String) { workflows(first: $first, after: $after) {
        totalCount nodes { name } pageInfo { hasNextPage endCursor }
    } }";
    let page = owner.data_with(document, json!({"first": 2})).await?["workflows"].take();
    assert_eq!(page["nodes"], json!([{"name": "three"}, {"name": "two"}]));
    assert_eq!(
        (&page["totalCount"], &page["pageInfo"]["hasNextPage"]),
        (&json!(3), &json!(true))
    );
    let after = &page["pageInfo"]["endCursor"];
    let rest = owner
        .data_with(document, json!({"first": 2, "after": after}))
        .await?["workflows"]
        .take();
    assert_eq!(rest["nodes"], json!([{"name": "one"}]));
    assert_eq!(rest["pageInfo"]["hasNextPage"], false);
    let greedy = owner.send(document, json!({"first": 101})).await?;
    assert_eq!(
        greedy.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
        "{greedy:?}"
    );
    jackfield.finish().await
}

async fn node_types_are_listed_with_their_schemas(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let document = "{ nodeTypes(first: 100) { nodes { type category inputs { name } outputs { name } configSchema } } }";
    let data = jackfield.owner().data(document).await?;
    let types = data["nodeTypes"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for expected in [
        "webhook",
        "manual",
        "if",
        "set",
        "debug",
        "respond",
        "api-endpoint",
        "external-webhook",
    ] {
        let found = types.iter().find(|kind| kind["type"] == expected);
        assert!(
            found.is_some_and(|kind| kind["configSchema"].is_object()),
            "{expected}: {found:#?}"
        );
    }
    jackfield.finish().await
}
