//! What nearly every test does with workflows, in a line each.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::client::Client;
use crate::hook::InboundHook;
use crate::run::step;

/// A workflow that was created and published.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Its id.
    pub id: String,
    /// The hooks that publishing it generated.
    pub hooks: Vec<InboundHook>,
}

const RUN: &str = "query($id: ID!) { run(id: $id) {
    id status input output error startedAt finishedAt
    workflow { id }
    steps { id nodeKey status attempt input output error startedAt finishedAt }
} }";

impl Client {
    /// Creates a workflow and publishes it.
    pub async fn publish(&self, name: &str, definition: Value) -> Result<Workflow> {
        let input = json!({"name": name, "definition": definition});
        let created = self
            .succeed("createWorkflow", input, "workflow { id }")
            .await?;
        let id = text(&created["workflow"]["id"])?;
        self.succeed(
            "publishWorkflow",
            json!({"workflowId": id}),
            "workflow { id }",
        )
        .await?;
        let hooks = self.inbound_hooks(&id).await?;
        Ok(Workflow { id, hooks })
    }

    /// The hooks of a workflow.
    pub async fn inbound_hooks(&self, workflow: &str) -> Result<Vec<InboundHook>> {
        let document =
            "query($id: ID!) { workflow(id: $id) { inboundHooks { id url nodeKey active } } }";
        let data = self.data_with(document, json!({"id": workflow})).await?;
        let hooks = data["workflow"]["inboundHooks"]
            .as_array()
            .context("a workflow lists its hooks")?;
        hooks.iter().map(InboundHook::read).collect()
    }

    /// Starts a run with this input and returns its id.
    pub async fn start_run(&self, workflow: &Workflow, input: Value) -> Result<String> {
        let input = json!({"workflowId": workflow.id, "input": input});
        let started = self.succeed("startRun", input, "run { id }").await?;
        text(&started["run"]["id"])
    }

    /// Starts a run and waits until it has ended.
    pub async fn run_to_end(&self, workflow: &Workflow, input: Value) -> Result<Value> {
        let run = self.start_run(workflow, input).await?;
        self.ended(&run).await
    }

    /// Creates, publishes and runs a workflow, and returns the run after its end.
    pub async fn run_once(&self, definition: Value, input: Value) -> Result<Value> {
        let workflow = self.publish("example", definition).await?;
        self.run_to_end(&workflow, input).await
    }

    /// A run with its steps as it is now.
    pub async fn run(&self, id: &str) -> Result<Value> {
        Ok(self.data_with(RUN, json!({"id": id})).await?["run"].take())
    }

    /// Waits until a run has ended, for at most 30 seconds.
    pub async fn ended(&self, run: &str) -> Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let now = self.run(run).await?;
            if matches!(
                now["status"].as_str(),
                Some("SUCCEEDED" | "FAILED" | "CANCELLED")
            ) {
                return Ok(now);
            }
            if Instant::now() > deadline {
                bail!("the run has not ended: {now:#}");
            }
            sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the step of a node has this status, for at most 30 seconds, and returns the step.
    pub async fn reached(&self, run: &str, node_key: &str, status: &str) -> Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let now = self.run(run).await?;
            let step = step(&now, node_key);
            if step["status"] == status {
                return Ok(step.clone());
            }
            if Instant::now() > deadline {
                bail!("`{node_key}` is not {status}: {now:#}");
            }
            sleep(Duration::from_millis(30)).await;
        }
    }

    /// Publishes an event and returns its id.
    pub async fn publish_event(&self, event_type: &str, data: Value) -> Result<String> {
        let input = json!({"type": event_type, "data": data});
        let published = self.succeed("publishEvent", input, "event { id }").await?;
        text(&published["event"]["id"])
    }

    /// The runs of a workflow, newest first.
    pub async fn runs_of(&self, workflow: &Workflow) -> Result<Vec<Value>> {
        let document = "query($filter: RunFilter) { runs(filter: $filter, first: 100) { nodes { id status } } }";
        let data = self
            .data_with(document, json!({"filter": {"workflowId": workflow.id}}))
            .await?;
        data["runs"]["nodes"]
            .as_array()
            .cloned()
            .context("a connection lists its nodes")
    }

    /// Waits until a workflow has `count` runs that have ended, for at most 30 seconds, and returns them, newest first.
    pub async fn ended_runs_of(&self, workflow: &Workflow, count: usize) -> Result<Vec<Value>> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let runs = self.runs_of(workflow).await?;
            if runs.len() >= count {
                let mut ended = Vec::new();
                for run in runs {
                    ended.push(self.ended(&text(&run["id"])?).await?);
                }
                return Ok(ended);
            }
            if Instant::now() > deadline {
                bail!("waited for {count} runs, saw {runs:#?}");
            }
            sleep(Duration::from_millis(30)).await;
        }
    }
}

pub(crate) fn text(value: &Value) -> Result<String> {
    Ok(value
        .as_str()
        .with_context(|| format!("expected a string instead of {value}"))?
        .to_owned())
}
