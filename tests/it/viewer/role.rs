//! Each role against a few fields.

use anyhow::Result;
use jackfield_tests::{Client, Engine, Jackfield, node, on_both_engines, start_then};
use serde_json::{Value, json};

use super::client_of;

on_both_engines![each_role_may_do_what_it_is_for, nobody_may_do_nothing];

/// What is tried, in this order.
const TRIED: [&str; 5] = [
    "read",
    "edit workflows",
    "start runs",
    "manage apps",
    "manage keys",
];

async fn each_role_may_do_what_it_is_for(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let workflow = jackfield.owner().publish("Note", note()).await?;
    let mut table = Vec::new();
    for role in ["OWNER", "ADMIN", "EDITOR", "VIEWER"] {
        let client = client_of(&jackfield, role).await?;
        table.push(format!(
            "{role}: {}",
            allowed(&client, &workflow.id).await?.join(", ")
        ));
    }

    assert_eq!(
        table,
        [
            "OWNER: read, edit workflows, start runs, manage apps, manage keys",
            "ADMIN: read, edit workflows, start runs, manage apps, manage keys",
            "EDITOR: read, edit workflows, start runs",
            "VIEWER: read",
        ]
    );
    jackfield.owner().ended_runs_of(&workflow, 3).await?;
    jackfield.finish().await
}

async fn nobody_may_do_nothing(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let answer = jackfield
        .anonymous()
        .send("{ workflows { totalCount } }", json!({}))
        .await?;
    assert_eq!(code(&answer.body), "UNAUTHENTICATED", "{answer:?}");
    let input = json!({"name": "Note", "definition": note()});
    let answer = jackfield
        .anonymous()
        .try_mutate("createWorkflow", input, "workflow { id }")
        .await?;
    assert_eq!(code(&answer.body), "UNAUTHENTICATED", "{answer:?}");
    jackfield.finish().await
}

fn note() -> Value {
    start_then(node("note", "debug", json!({"message": "seen"})))
}

/// Which of the things that are tried a client may do.
async fn allowed(client: &Client, workflow: &str) -> Result<Vec<&'static str>> {
    let app = json!({"provider": "http", "name": "Partner", "credentials": {"scheme": "bearer", "token": "tok_1"}});
    let create = json!({"name": "Note", "definition": note()});
    let answers = [
        client
            .send("{ workflows { totalCount } }", json!({}))
            .await?,
        client
            .try_mutate("createWorkflow", create, "workflow { id }")
            .await?,
        client
            .try_mutate(
                "startRun",
                json!({"workflowId": workflow, "input": {}}),
                "run { id }",
            )
            .await?,
        client
            .try_mutate("connectApp", app, "connectedApp { id }")
            .await?,
        client
            .try_mutate(
                "createApiKey",
                json!({"name": "k", "role": "VIEWER"}),
                "apiKey { id }",
            )
            .await?,
    ];
    let mut allowed = Vec::new();
    for (what, answer) in TRIED.into_iter().zip(answers) {
        if answer.body.get("errors").is_none() {
            allowed.push(what);
        } else {
            assert_eq!(code(&answer.body), "FORBIDDEN", "{what}: {answer:?}");
        }
    }
    Ok(allowed)
}

fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}
