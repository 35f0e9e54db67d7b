//! A call that nobody answered becomes a task.

use anyhow::{Result, ensure};
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Quo, QuoApp, Receiver, Reply, Slack, Workflow, hidden, on_both_engines,
};
use serde_json::{Value, json};

use super::{connect_http, only, start};

on_both_engines![
    a_missed_call_becomes_a_task,
    without_a_task_the_team_is_told,
];

struct World {
    jackfield: Jackfield,
    slack: Slack,
    tasks: Receiver,
    app: QuoApp,
    workflow: Workflow,
    _quo: Quo,
}

async fn world(engine: Engine) -> Result<World> {
    let (quo, tasks) = (Quo::start(&["+15550100"]).await?, Receiver::start().await?);
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    connect_http(&owner, "Tasks").await?;
    owner
        .set_variable("tasksUrl", tasks.url("/v1/tasks"))
        .await?;
    let workflow = jackfield.apply_example("missed-call.yaml").await?;
    Ok(World {
        jackfield,
        slack,
        tasks,
        app,
        workflow,
        _quo: quo,
    })
}

impl World {
    /// Quo tells of a call that nobody answered, twice.
    async fn missed(&self) -> Result<Value> {
        let call = json!({
            "id": "EV1", "apiVersion": "2026-03-30", "createdAt": "2026-11-27T10:00:00.000Z", "type": "call.missed",
            "data": {
                "resource": {"id": "AC1", "direction": "incoming", "from": "+15551230000", "to": ["+15550100"]},
                "context": {}, "links": {"quo": null},
            },
        });
        for _ in 0..2 {
            let answer = self.app.post(&call).await?;
            ensure!(answer.status == 200, "{answer:?}");
        }
        only(&self.jackfield.owner(), &self.workflow).await
    }
}

async fn a_missed_call_becomes_a_task(engine: Engine) -> Result<()> {
    let world = world(engine).await?;
    world
        .tasks
        .answer("/v1/tasks", [Reply::json(201, &json!({"id": 17}))]);
    let run = world.missed().await?;
    let vendors = [("tasks", &world.tasks), ("slack", &world.slack.outside)];
    let told = world.jackfield.owner().told_of(&run, &vendors).await?;
    let told = hidden(&told, "\"due\":\"", &['"']);
    allow_duplicates! {
        assert_snapshot!(told, @r#"
        SUCCEEDED
        call SUCCEEDED -> data-out
        task SUCCEEDED -> data-out {"status":201,"body":{"id":17},"bodyType":"json","contentType":"application/json"}
        missing SKIPPED
        tasks <- POST /v1/tasks {"title":"Call back +15551230000","due":"…","labels":["callback"],"source":"EV1"}
        "#);
    }
    let sent = &world.tasks.requests()[0];
    assert_eq!(sent.header("authorization"), "Bearer token-of-the-tests");
    world.jackfield.finish().await
}

async fn without_a_task_the_team_is_told(engine: Engine) -> Result<()> {
    let world = world(engine).await?;
    world
        .tasks
        .answer("/v1/tasks", [Reply::json(403, &json!({"error": "no"}))]);
    world.missed().await?;
    let (message, _) = world.slack.said().swap_remove(0);
    allow_duplicates! {
        assert_snapshot!(message, @"*Call back +15551230000.* There is no task for it: The server answered 403.");
    }
    world.jackfield.finish().await
}
