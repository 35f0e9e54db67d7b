//! Drives one run: asks the state machine what to do, and does it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jackfield_plugin_host::messages::{CallError, Outcome};
use jackfield_storage::run::Run;
use jackfield_storage::step::{Step, StepStatus};
use jackfield_storage::{AdvanceError, Json, Timestamp};
use tokio::sync::watch;

use super::call::{Attempt, Returned};
use super::failure::{self, Failure, OUTPUT_TOO_LARGE, PLUGIN_FAULT};
use super::prepare::{prepare, value};
use super::{Phase, Shared};
use crate::definition::{Definition, ERROR, NodeIndex};
use crate::expression::{MAX_OUTPUT, Scope, StepOutput, Value, to_json};
use crate::machine::{Ending, Happened, NodeState, Retry, State, Todo};
use crate::nodes::{self, Behaviour, Logic};

/// A run under way.
pub(super) struct Driver {
    pub shared: Arc<Shared>,
    pub phase: watch::Receiver<Phase>,
    pub run: Run,
    pub definition: Arc<Definition>,
    pub state: State,
    pub trigger: Value,
    /// `run` in expressions.
    pub facts: Value,
    pub outputs: Arc<Vec<Option<StepOutput>>>,
    /// The step of each node, as it is or will be on disk.
    pub steps: Vec<Option<Step>>,
    /// Which of them are not on disk as they are here.
    pub dirty: Vec<bool>,
    pub todos: VecDeque<Todo>,
    /// Attempts that begin as soon as everything before them is on disk.
    pub ready: Vec<Attempt>,
    pub calls: FuturesUnordered<BoxFuture<'static, Returned>>,
    pub waits: HashMap<NodeIndex, Timestamp>,
    /// The first `respond` node that was executed.
    pub answer: Option<NodeIndex>,
}

/// Executes a claimed run until it is over, waits for long, or is to be left.
pub(super) async fn drive(shared: Arc<Shared>, run: Run) {
    let result = match prepare(shared.clone(), run).await {
        Ok(Ok(driver)) => driver.drive().await,
        Ok(Err((run, failure))) => Driver::fail(&shared, run, &failure).await,
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => {}
        Err(AdvanceError::FenceLost) => {
            tracing::warn!("the run was claimed by somebody else; leaving it to them")
        }
        Err(error) => {
            tracing::error!(%error, "the run is left as it was on disk; it is taken up when its lease ends")
        }
    }
}

impl Driver {
    async fn drive(mut self) -> Result<(), AdvanceError> {
        loop {
            if let Some(ending) = self.advance() {
                return self.finish(ending).await;
            }
            let phase = *self.phase.borrow();
            if phase == Phase::Stopping || (phase == Phase::Draining && self.calls.is_empty()) {
                let now = self.now();
                self.run.release(now);
                return self.commit().await;
            }
            if phase == Phase::Working {
                self.begin().await?;
            }
            if let Some(wake_at) = self.rest() {
                self.run.wait(wake_at);
                return self.commit().await;
            }
            if self.is_dirty() {
                self.commit().await?;
            }
            self.next().await;
        }
    }

    /// Does everything that needs no waiting.
    fn advance(&mut self) -> Option<Ending> {
        while let Some(todo) = self.todos.pop_front() {
            match todo {
                Todo::Execute { node, attempt } => self.execute(node, attempt),
                Todo::Wait { node, until } => {
                    self.waits.insert(node, until);
                }
                Todo::Skip { node } => self.close(node, StepStatus::Skipped),
                Todo::Cancel { node } => {
                    self.waits.remove(&node);
                    self.close(node, StepStatus::Cancelled);
                }
                Todo::Finish(ending) => return Some(ending),
            }
        }
        None
    }

    fn happened(&mut self, happened: Happened<'_>) {
        let todos = self.state.advance(&self.definition, happened);
        self.todos.extend(todos);
    }

    fn execute(&mut self, index: NodeIndex, attempt: u32) {
        let definition = self.definition.clone();
        let node = definition.node(index);
        let now = self.now();
        let row = self.row(index);
        row.attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
        row.started_at = row.started_at.or(Some(now));
        let scope = Arc::new(Scope {
            definition: definition.clone(),
            trigger: self.trigger.clone(),
            steps: self.outputs.clone(),
            run: self.facts.clone(),
            vars: Value::from_pairs(std::iter::empty::<(&str, Value)>()),
        });
        let evaluated = node.config.evaluate(&scope).map_err(Failure::from);
        drop(scope);
        let evaluated = evaluated.and_then(|config| Ok((json(&config)?, config)));
        let (input, config) = match evaluated {
            Ok(evaluated) => evaluated,
            Err(failure) => return self.failed(index, &failure, None, None),
        };
        self.row(index).input = Some(input.clone());
        match node.kind.behaviour {
            Behaviour::Logic(logic) => self.compute(index, logic, &config),
            Behaviour::Plugin => {
                let attempt = self.attempt(index, attempt, input);
                self.ready.push(attempt);
            }
            // The machine never executes a trigger: it starts at one, done.
            Behaviour::Trigger(_) => {}
        }
    }

    fn compute(&mut self, node: NodeIndex, logic: Logic, config: &Value) {
        let output = match nodes::execute(logic, config) {
            Ok(output) => output,
            Err(message) => {
                return self.failed(
                    node,
                    &Failure::new(failure::NODE_FAILED, message),
                    None,
                    None,
                );
            }
        };
        match json(&output.output) {
            Ok(json) => {
                if logic == Logic::Respond {
                    self.answer.get_or_insert(node);
                }
                self.succeeded(node, output, json);
            }
            Err(failure) => self.failed(node, &failure, None, None),
        }
    }

    fn attempt(&self, node: NodeIndex, attempt: u32, config: Json) -> Attempt {
        let timeout = self
            .definition
            .node(node)
            .timeout
            .unwrap_or(self.shared.config.node_timeout);
        Attempt {
            workflows: self.shared.workflows.clone(),
            definition: self.definition.clone(),
            workspace: self.run.workspace_id,
            workflow: self.run.workflow_id,
            run: self.run.id,
            node,
            attempt,
            config,
            input: self.input(node),
            timeout,
        }
    }

    /// What comes in: the output of the step before, or an object of the outputs by node key where several lead here.
    fn input(&self, node: NodeIndex) -> Json {
        let output = |from: NodeIndex| {
            self.steps[from.index()]
                .as_ref()
                .and_then(|step| step.output.clone())
        };
        let came: Vec<_> = self
            .state
            .came_from(&self.definition, node)
            .filter_map(|from| Some((self.definition.node(from).key.as_str(), output(from)?)))
            .collect();
        super::journal::merged(&came)
    }

    /// Puts on disk what the ready attempts depend on, and that they begin; then begins them.
    async fn begin(&mut self) -> Result<(), AdvanceError> {
        if self.ready.is_empty() {
            return Ok(());
        }
        let attempts = std::mem::take(&mut self.ready);
        for attempt in &attempts {
            let row = self.row(attempt.node);
            row.status = StepStatus::Running;
            row.wake_at = None;
        }
        self.commit().await?;
        for attempt in attempts {
            self.calls.push(Box::pin(attempt.call()));
        }
        Ok(())
    }

    /// Whether the run has nothing to do for so long that it is better written down; if so, until when.
    fn rest(&self) -> Option<Option<Timestamp>> {
        if !self.calls.is_empty() || !self.todos.is_empty() || !self.ready.is_empty() {
            return None;
        }
        match self.waits.values().min() {
            None => Some(None),
            Some(until) => {
                (until.since(self.now()) > self.shared.config.park_after).then_some(Some(*until))
            }
        }
    }

    /// Waits for the next thing to happen.
    async fn next(&mut self) {
        let due = self
            .waits
            .iter()
            .min_by_key(|(_, until)| **until)
            .map(|(node, until)| (*node, *until));
        let pause = due.map_or(Duration::MAX, |(_, until)| until.since(self.now()));
        tokio::select! {
            Some(returned) = self.calls.next() => self.returned(returned),
            () = tokio::time::sleep(pause), if due.is_some() => {
                if let Some((node, _)) = due {
                    self.waits.remove(&node);
                    self.happened(Happened::Due { node });
                }
            }
            () = changed(&mut self.phase) => {}
        }
    }

    fn returned(&mut self, returned: Returned) {
        let Returned { node, result } = returned;
        match result {
            Ok(outcome) if outcome.output.get().len() > MAX_OUTPUT => {
                let message = format!(
                    "the output is {} bytes long, but a step may return at most {MAX_OUTPUT}",
                    outcome.output.get().len()
                );
                self.failed(node, &Failure::new(OUTPUT_TOO_LARGE, message), None, None);
            }
            Ok(outcome) => self.left(node, outcome),
            Err(error) => {
                let retry = retry_of(&error);
                self.failed(node, &error.into(), None, retry);
            }
        }
    }

    fn left(&mut self, node: NodeIndex, outcome: Outcome) {
        let ports = &self.definition.node(node).kind.outputs;
        if !ports.iter().any(|port| port.name == outcome.port) {
            let message = format!(
                "the node left by a port `{}` that its manifest does not name",
                outcome.port
            );
            return self.failed(node, &Failure::new(PLUGIN_FAULT, message), None, None);
        }
        let json = Json::from(outcome.output);
        if outcome.port == ERROR {
            let retry = outcome.retry.map(|retry| Retry {
                after: retry.after_ms.map(Duration::from_millis),
            });
            let failure = failure::of_error_output(json.as_str());
            return self.failed(node, &failure, Some(json), retry);
        }
        let output = StepOutput {
            output: value(&json),
            port: outcome.port.into(),
        };
        self.succeeded(node, output, json);
    }

    fn succeeded(&mut self, node: NodeIndex, output: StepOutput, json: Json) {
        let now = self.now();
        let port = output.port.clone();
        let row = self.row(node);
        row.status = StepStatus::Succeeded;
        row.output = Some(json);
        row.error = None;
        row.port = Some(port.to_string());
        row.wake_at = None;
        row.finished_at = Some(now);
        Arc::make_mut(&mut self.outputs)[node.index()] = Some(output);
        self.happened(Happened::Finished { node, port: &port });
    }

    /// An attempt failed. With `output`, that is what leaves by the `error` port; otherwise the failure itself does.
    pub(super) fn failed(
        &mut self,
        node: NodeIndex,
        failure: &Failure,
        output: Option<Json>,
        retry: Option<Retry>,
    ) {
        let now = self.now();
        let random = self.random();
        self.happened(Happened::Failed {
            node,
            retry,
            now,
            random,
        });
        let state = self.state.node(node);
        let caught = state == NodeState::Failed && self.definition.has_edge_from(node, ERROR);
        let output = match caught {
            true => Some(output.unwrap_or_else(|| failure.output())),
            false => output,
        };
        if let Some(output) = &output {
            let shown = StepOutput {
                output: value(output),
                port: ERROR.into(),
            };
            Arc::make_mut(&mut self.outputs)[node.index()] = Some(shown);
        }
        let row = self.row(node);
        row.error = Some(failure.json());
        if let NodeState::Waiting { attempt, until } = state {
            row.status = StepStatus::Waiting;
            row.attempt = i32::try_from(attempt).unwrap_or(i32::MAX);
            row.wake_at = Some(until);
        } else {
            row.status = StepStatus::Failed;
            row.output = output;
            row.port = caught.then(|| ERROR.to_owned());
            row.wake_at = None;
            row.finished_at = Some(now);
        }
    }

    /// A number from 0 to 1.
    fn random(&self) -> f64 {
        let mut bytes = [0; 4];
        self.shared.workflows.0.store.clock().random(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

async fn changed(phase: &mut watch::Receiver<Phase>) {
    // When the engine is gone the phase cannot change any more, and this driver is about to be dropped.
    if phase.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn retry_of(error: &CallError) -> Option<Retry> {
    error.retryable.then(|| Retry {
        after: error.retry_after_ms.map(Duration::from_millis),
    })
}

/// A value as a document, if it is not too large.
fn json(value: &Value) -> Result<Json, Failure> {
    let text = to_json(value).map_err(|message| Failure::new(OUTPUT_TOO_LARGE, message))?;
    Json::check(text).map_err(|error| Failure::new(failure::INTERNAL, error.to_string()))
}
