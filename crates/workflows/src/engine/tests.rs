//! Runs on a real database, with built-in nodes.

use std::time::Duration;

use jackfield_connected_apps::{ConnectedApps, MasterKey};
use jackfield_egress::{Egress, EgressConfig};
use jackfield_plugin_host::Host;
use jackfield_storage::access::{EditWorkflows, Permit, Read, StartRuns};
use jackfield_storage::ids::{RunId, WorkflowId, WorkspaceId};
use jackfield_storage::run::{self, Run, RunStatus};
use jackfield_storage::step::{self, Step};
use jackfield_storage::workflow::WorkflowFilter;
use jackfield_storage::{Clock, Store, StoreConfig};
use serde_json::{Value, json};

use super::*;
use crate::approval::ApprovalLinks;
use crate::workflow::{NewWorkflow, SaveWorkflow, StartRun, WorkflowError, WorkflowsConfig};

/// A store of its own with the workflows in it.
struct Panel {
    directory: tempfile::TempDir,
    store: Store,
    workflows: Workflows,
    workspace: WorkspaceId,
}

impl Panel {
    async fn open() -> Panel {
        Panel::open_in(tempfile::tempdir().unwrap()).await
    }

    async fn open_in(directory: tempfile::TempDir) -> Panel {
        let url = format!(
            "sqlite://{}",
            directory.path().join("jackfield.db").display()
        );
        let store = Store::open(StoreConfig::new(url), Clock::system())
            .await
            .unwrap();
        let (workspace, _) = store.ensure_default_workspace().await.unwrap();
        let egress = Egress::new(EgressConfig::default()).unwrap();
        let host = Host::empty(egress.clone());
        let key = MasterKey::parse("b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=").unwrap();
        let apps = ConnectedApps::new(store.clone(), host.clone(), egress, &key).unwrap();
        let workflows = Workflows::new(WorkflowsConfig {
            store: store.clone(),
            host,
            apps,
            approvals: ApprovalLinks::new("http://localhost", &[7; 32]),
        });
        Panel {
            directory,
            store,
            workflows,
            workspace: workspace.id,
        }
    }

    fn edit(&self) -> Permit<EditWorkflows> {
        Permit::system(self.workspace, "test")
    }

    fn read(&self) -> Permit<Read> {
        Permit::system(self.workspace, "test")
    }

    async fn publish(&self, definition: Value) -> WorkflowId {
        let new = NewWorkflow {
            name: "Test".to_owned(),
            definition,
        };
        let workflow = self.workflows.create(&self.edit(), new).await.unwrap();
        self.workflows
            .publish(&self.edit(), workflow.id)
            .await
            .unwrap()
            .id
    }

    async fn start(&self, workflow_id: WorkflowId, input: Value) -> RunId {
        let permit: Permit<StartRuns> = Permit::system(self.workspace, "test");
        let start = StartRun {
            workflow_id,
            input,
            idempotency_key: None,
            priority: None,
        };
        self.workflows.start(&permit, start).await.unwrap().run.id
    }

    fn engine(&self) -> EngineHandle {
        Engine::start(&self.workflows, EngineConfig::default())
    }

    /// The run once it is over.
    async fn over(&self, id: RunId) -> Run {
        let mut changes = self.store.changes();
        loop {
            let run = run::find(self.store.reader(), &self.read(), id)
                .await
                .unwrap()
                .unwrap();
            if run.status.is_finished() {
                return run;
            }
            changes.recv().await.unwrap();
        }
    }

    async fn steps(&self, id: RunId) -> Vec<Step> {
        step::of_runs(self.store.reader(), &self.read(), &[id])
            .await
            .unwrap()
    }

    /// The history in words, one line per step.
    async fn history(&self, id: RunId) -> String {
        let line = |step: Step| {
            let shown = |json: Option<jackfield_storage::Json>| {
                json.map_or("-".to_owned(), |json| json.to_string())
            };
            format!(
                "{} {}#{} in {} out {} error {}",
                step.node_key,
                step.status,
                step.attempt,
                shown(step.input),
                shown(step.output),
                shown(step.error)
            )
        };
        self.steps(id)
            .await
            .into_iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

fn graph(nodes: Value, edges: &[(&str, &str)]) -> Value {
    let edges: Vec<_> = edges
        .iter()
        .map(|(from, to)| {
            let (from, port) = from.split_once('.').unwrap_or((from, "data-out"));
            json!({"from": from, "fromPort": port, "to": to})
        })
        .collect();
    json!({"nodes": nodes, "edges": edges})
}

#[tokio::test]
async fn a_run_goes_from_its_trigger_to_its_answer() {
    let panel = Panel::open().await;
    let workflow = panel
        .publish(graph(
            json!([
                {"key": "start", "type": "manual"},
                {"key": "total", "type": "set", "config": {"values": {"cents": "{{ trigger.body.euros * 100 }}"}}},
                {"key": "answer", "type": "respond", "config": {"status": 201, "body": "{{ steps.total.output }}"}},
            ]),
            &[("start", "total"), ("total", "answer")],
        ))
        .await;
    let engine = panel.engine();
    let run = panel
        .over(panel.start(workflow, json!({"euros": 12})).await)
        .await;
    assert_eq!(run.status, RunStatus::Succeeded);
    insta::assert_snapshot!(run.output.unwrap(), @r#"{"status":201,"headers":{},"body":{"cents":1200}}"#);
    insta::assert_snapshot!(panel.history(run.id).await, @r#"
    start SUCCEEDED#1 in - out {"body":{"euros":12},"headers":{},"query":{},"event":null} error -
    total SUCCEEDED#1 in {"values":{"cents":1200}} out {"cents":1200} error -
    answer SUCCEEDED#1 in {"status":201,"body":{"cents":1200}} out {"status":201,"headers":{},"body":{"cents":1200}} error -
    "#);
    engine.drain(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn branches_join_and_the_other_way_is_skipped() {
    let panel = Panel::open().await;
    let workflow = panel
        .publish(graph(
            json!([
                {"key": "start", "type": "manual"},
                {"key": "large", "type": "if", "config": {"condition": "{{ trigger.body.amount > 100 }}"}},
                {"key": "ask", "type": "debug", "config": {"message": "large"}},
                {"key": "pay", "type": "debug", "config": {"message": "small"}},
                {"key": "side", "type": "debug", "config": {"message": "side"}},
                {"key": "join", "type": "debug", "config": {"message": "joined"}},
            ]),
            &[("start", "large"), ("start", "side"), ("large.true", "ask"), ("large.false", "pay"), ("ask", "join"), ("pay", "join")],
        ))
        .await;
    let engine = panel.engine();
    let run = panel
        .over(panel.start(workflow, json!({"amount": 7})).await)
        .await;
    insta::assert_snapshot!(run.output.unwrap(), @r#"{"side":{"message":"side"},"join":{"message":"joined"}}"#);
    insta::assert_snapshot!(panel.history(run.id).await, @r#"
    start SUCCEEDED#1 in - out {"body":{"amount":7},"headers":{},"query":{},"event":null} error -
    large SUCCEEDED#1 in {"condition":false} out {"condition":false} error -
    side SUCCEEDED#1 in {"message":"side"} out {"message":"side"} error -
    ask SKIPPED#0 in - out - error -
    pay SUCCEEDED#1 in {"message":"small"} out {"message":"small"} error -
    join SUCCEEDED#1 in {"message":"joined"} out {"message":"joined"} error -
    "#);
    engine.drain(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_failure_is_caught_or_ends_the_run() {
    let panel = Panel::open().await;
    let divide = json!({"key": "divide", "type": "set", "config": {"values": {"each": "{{ 100 // trigger.body.by }}"}}});
    let caught = panel
        .publish(graph(
            json!([
                {"key": "start", "type": "manual"}, divide,
                {"key": "sorry", "type": "debug", "config": {"message": "{{ steps.divide.output.error.code }}"}},
            ]),
            &[("start", "divide"), ("divide.error", "sorry")],
        ))
        .await;
    let uncaught = panel
        .publish(graph(
            json!([{"key": "start", "type": "manual"}, divide, {"key": "after", "type": "debug", "config": {"message": 1}}]),
            &[("start", "divide"), ("divide", "after")],
        ))
        .await;
    let engine = panel.engine();
    let run = panel
        .over(panel.start(caught, json!({"by": 0})).await)
        .await;
    assert_eq!(run.status, RunStatus::Succeeded);
    insta::assert_snapshot!(run.output.unwrap(), @r#"{"message":"EXPRESSION_FAILED"}"#);
    let run = panel
        .over(panel.start(uncaught, json!({"by": 0})).await)
        .await;
    assert_eq!(run.status, RunStatus::Failed);
    insta::assert_snapshot!(run.error.unwrap(), @r#"{"code":"EXPRESSION_FAILED","message":"config.values.each: invalid operation: unable to calculate 100 // 0, at character 4","nodeKey":"divide"}"#);
    insta::assert_snapshot!(panel.history(run.id).await, @r#"
    start SUCCEEDED#1 in - out {"body":{"by":0},"headers":{},"query":{},"event":null} error -
    divide FAILED#1 in - out - error {"code":"EXPRESSION_FAILED","message":"config.values.each: invalid operation: unable to calculate 100 // 0, at character 4"}
    "#);
    engine.drain(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_restart_picks_up_what_was_queued() {
    let panel = Panel::open().await;
    let workflow = panel
        .publish(graph(
            json!([{"key": "start", "type": "manual"}, {"key": "note", "type": "debug", "config": {"message": "{{ trigger.body }}"}}]),
            &[("start", "note")],
        ))
        .await;
    let mut runs = Vec::new();
    for n in 0..50 {
        runs.push(panel.start(workflow, json!(n)).await);
    }
    panel.store.close().await;
    let panel = Panel::open_in(panel.directory).await;
    let engine = panel.engine();
    for (n, run) in runs.into_iter().enumerate() {
        let run = panel.over(run).await;
        assert_eq!(run.output.unwrap().value(), json!({"message": n}));
    }
    engine.drain(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn runs_keep_the_version_they_started_with() {
    let panel = Panel::open().await;
    let saying = |message: &str| {
        graph(
            json!([{"key": "start", "type": "manual"}, {"key": "note", "type": "debug", "config": {"message": message}}]),
            &[("start", "note")],
        )
    };
    let workflow = panel.publish(saying("first")).await;
    let before = panel.start(workflow, json!({})).await;
    let save = SaveWorkflow {
        workflow_id: workflow,
        name: None,
        definition: Some(saying("second")),
    };
    panel.workflows.save(&panel.edit(), save).await.unwrap();
    panel
        .workflows
        .publish(&panel.edit(), workflow)
        .await
        .unwrap();
    let after = panel.start(workflow, json!({})).await;
    let engine = panel.engine();
    assert_eq!(
        panel.over(before).await.output.unwrap().value(),
        json!({"message": "first"})
    );
    assert_eq!(
        panel.over(after).await.output.unwrap().value(),
        json!({"message": "second"})
    );
    engine.drain(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn nothing_is_saved_of_what_is_rejected() {
    let panel = Panel::open().await;
    let new = NewWorkflow {
        name: "  ".to_owned(),
        definition: graph(json!([]), &[]),
    };
    let Err(WorkflowError::Rejected(problems)) = panel.workflows.create(&panel.edit(), new).await
    else {
        panic!("it was created")
    };
    let fields: Vec<_> = problems
        .iter()
        .map(|problem| problem.field.join("."))
        .collect();
    assert_eq!(fields, ["name", "definition.nodes"]);
    let count = jackfield_storage::workflow::count(
        panel.store.reader(),
        &panel.read(),
        &WorkflowFilter::default(),
    )
    .await
    .unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn a_webhook_keeps_its_url_and_its_secret() {
    let panel = Panel::open().await;
    let definition = |secret: Value| {
        graph(
            json!([{"key": "hook", "type": "webhook", "config": {"secret": secret, "scheme": "stripe"}}]),
            &[],
        )
    };
    let hooks = || async {
        let page = Default::default();
        let workflows = jackfield_storage::workflow::list(
            panel.store.reader(),
            &panel.read(),
            &WorkflowFilter::default(),
            page,
        )
        .await
        .unwrap();
        let ids: Vec<_> = workflows.items.iter().map(|workflow| workflow.id).collect();
        jackfield_storage::inbound_hook::of_workflows(panel.store.reader(), &panel.read(), &ids)
            .await
            .unwrap()
    };
    let unset = NewWorkflow {
        name: "Hook".to_owned(),
        definition: definition(json!({"set": true})),
    };
    assert!(matches!(
        panel.workflows.create(&panel.edit(), unset).await,
        Err(WorkflowError::Rejected(_))
    ));

    let workflow = panel.publish(definition(json!("whsec_first"))).await;
    let first = hooks().await.remove(0);
    assert!(first.active && first.sealed_secret.is_some());

    let kept = SaveWorkflow {
        workflow_id: workflow,
        name: None,
        definition: Some(definition(json!({"set": true}))),
    };
    panel.workflows.save(&panel.edit(), kept).await.unwrap();
    panel
        .workflows
        .publish(&panel.edit(), workflow)
        .await
        .unwrap();
    assert_eq!(hooks().await, std::slice::from_ref(&first));

    let replaced = SaveWorkflow {
        workflow_id: workflow,
        name: None,
        definition: Some(definition(json!("whsec_next"))),
    };
    panel.workflows.save(&panel.edit(), replaced).await.unwrap();
    let second = hooks().await.remove(0);
    assert_eq!((second.id, &second.token), (first.id, &first.token));
    assert_ne!(second.sealed_secret, first.sealed_secret);

    panel
        .workflows
        .unpublish(&panel.edit(), workflow)
        .await
        .unwrap();
    assert!(!hooks().await[0].active);
    let version =
        jackfield_storage::workflow_version::latest(panel.store.reader(), &panel.read(), workflow)
            .await;
    let version = version.unwrap().unwrap();
    assert_eq!(version.number, 3);
    assert!(
        !version.definition.as_str().contains("whsec"),
        "{}",
        version.definition
    );
}
