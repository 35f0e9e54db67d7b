//! A plugin is gone: the workflows that need it say so and their runs fail, the others go on.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, Engine, Jackfield, Setup, graph, node, on_both_engines, start_then, step, steps,
};
use serde_json::{Value, json};

use super::reload::{install, remove, slow, until};

on_both_engines![
    workflows_say_that_their_plugin_is_gone,
    runs_under_way_fail_and_can_be_done_over,
];

/// A server with the plugin `slow`.
async fn with_plugin(engine: Engine) -> Result<(Jackfield, std::path::PathBuf)> {
    let setup = Setup::new(engine)?;
    let plugins = setup.plugins().to_owned();
    install(&plugins, "1.0.0")?;
    Ok((setup.start().await?, plugins))
}

/// What every workflow says is wrong with it, by name.
async fn problems(client: &Client) -> Result<Value> {
    let document = "{ workflows { nodes { name problems {
        field nodeKey code message remedy version { number publishedAt }
    } } } }";
    let mut workflows = client.data(document).await?["workflows"]["nodes"].take();
    for workflow in workflows.as_array_mut().into_iter().flatten() {
        for problem in workflow["problems"].as_array_mut().into_iter().flatten() {
            let version = problem["version"].take();
            let published = !version["publishedAt"].is_null();
            problem["version"] = json!({"number": version["number"], "published": published});
        }
    }
    if let Some(workflows) = workflows.as_array_mut() {
        workflows.sort_by_key(|workflow| workflow["name"].to_string());
    }
    Ok(workflows)
}

fn note() -> Value {
    start_then(node(
        "note",
        "set",
        json!({"values": {"n": "{{ trigger.body.n }}"}}),
    ))
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn workflows_say_that_their_plugin_is_gone(engine: Engine) -> Result<()> {
    let (jackfield, plugins) = with_plugin(engine).await?;
    let owner = jackfield.owner();
    let uses = owner.publish("Uses it", slow(0)).await?;
    let other = owner.publish("Does not", note()).await?;
    let draft = owner.publish("Would use it", note()).await?;
    let input = json!({"workflowId": draft.id, "definition": slow(0)});
    owner
        .succeed("saveWorkflow", input, "workflow { id }")
        .await?;
    for workflow in problems(&owner).await?.as_array().into_iter().flatten() {
        assert_eq!(workflow["problems"], json!([]), "{workflow:#}");
    }

    remove(&plugins)?;
    until(&jackfield, Value::is_null).await?;
    let told = problems(&owner).await?;
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
    [
      {
        "name": "Does not",
        "problems": []
      },
      {
        "name": "Uses it",
        "problems": [
          {
            "field": [
              "definition",
              "nodes",
              "1",
              "type"
            ],
            "nodeKey": "call",
            "code": "PLUGIN_MISSING",
            "message": "the plugin that brought the node type `slow` is not loaded any more",
            "remedy": "load a plugin with `slow` again (`plugins` lists those that are loaded), or publish a version without the node `call`",
            "version": {
              "number": 1,
              "published": true
            }
          }
        ]
      },
      {
        "name": "Would use it",
        "problems": [
          {
            "field": [
              "definition",
              "nodes",
              "1",
              "type"
            ],
            "nodeKey": "call",
            "code": "PLUGIN_MISSING",
            "message": "the plugin that brought the node type `slow` is not loaded any more",
            "remedy": "load a plugin with `slow` again (`plugins` lists those that are loaded), or publish a version without the node `call`",
            "version": {
              "number": 2,
              "published": false
            }
          }
        ]
      }
    ]
    "#);
    }
    let failed = owner.run_to_end(&uses, json!({})).await?;
    assert_eq!(failed["status"], "FAILED", "{failed:#}");
    assert_eq!(steps(&failed), Vec::<String>::new());
    allow_duplicates! {
        assert_json_snapshot!(failed["error"], @r#"
    {
      "code": "PLUGIN_MISSING",
      "message": "the plugin that brought the node type `slow` is not loaded any more; load a plugin with `slow` again (`plugins` lists those that are loaded), or publish a version without the node `call`",
      "nodeKey": "call"
    }
    "#);
    }
    for workflow in [&other, &draft] {
        let run = owner.run_to_end(workflow, json!({"n": 7})).await?;
        assert_eq!(run["output"], json!({"n": 7}), "{run:#}");
    }
    let input = json!({"workflowId": draft.id});
    let refused = owner
        .mutate("publishWorkflow", input, "workflow { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "type"
          ],
          "code": "UNKNOWN_NODE_TYPE",
          "message": "there is no node type `slow`; see nodeTypes for those there are"
        }
      ]
    }
    "#);
    }

    install(&plugins, "2.0.0")?;
    until(&jackfield, |plugin| plugin["version"] == "2.0.0").await?;
    for workflow in problems(&owner).await?.as_array().into_iter().flatten() {
        assert_eq!(workflow["problems"], json!([]), "{workflow:#}");
    }
    let run = owner.run_to_end(&uses, json!({})).await?;
    assert_eq!(run["output"], "2.0.0", "{run:#}");
    jackfield.finish().await
}

async fn runs_under_way_fail_and_can_be_done_over(engine: Engine) -> Result<()> {
    let (jackfield, plugins) = with_plugin(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node("start", "manual", json!({})),
        node("sign", "approval", json!({"message": "Go on?"})),
        node("event", "wait-for-event", json!({"type": "sale"})),
        node("call", "slow", json!({"ms": 0})),
    ];
    let edges = ["start -> sign", "start -> event", "sign.approved -> call"];
    let workflow = owner.publish("Waits", graph(nodes, &edges)).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    let sign = owner.reached(&run, "sign", "WAITING").await?;
    owner.reached(&run, "event", "WAITING").await?;
    remove(&plugins)?;
    until(&jackfield, Value::is_null).await?;

    let decide = |step: &Value| json!({"stepId": step["id"], "decision": "APPROVED"});
    owner
        .succeed("decideApproval", decide(&sign), "step { id }")
        .await?;
    let failed = owner.ended(&run).await?;
    assert_eq!(failed["error"]["code"], "PLUGIN_MISSING", "{failed:#}");
    assert_eq!(failed["error"]["nodeKey"], "call", "{failed:#}");
    let mut seen = steps(&failed);
    seen.sort();
    assert_eq!(
        seen,
        ["event CANCELLED", "sign CANCELLED", "start SUCCEEDED"]
    );

    install(&plugins, "2.0.0")?;
    until(&jackfield, |plugin| plugin["version"] == "2.0.0").await?;
    let input = json!({"runId": run, "fromFailure": true});
    let again = owner.succeed("rerun", input, "run { id }").await?;
    let again = again["run"]["id"].as_str().unwrap_or_default().to_owned();
    let sign = owner.reached(&again, "sign", "WAITING").await?;
    owner.reached(&again, "event", "WAITING").await?;
    owner
        .succeed("decideApproval", decide(&sign), "step { id }")
        .await?;
    owner.publish_event("sale", json!({})).await?;
    let run = owner.ended(&again).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "call")["output"], "2.0.0", "{run:#}");
    jackfield.finish().await
}
