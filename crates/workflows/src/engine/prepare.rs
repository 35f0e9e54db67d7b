//! From a claimed run to a driver: its definition, and what its journal says.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::run::Run;
use jackfield_storage::step::{self, Step, StepStatus};
use jackfield_storage::{Json, StorageError};

use super::Shared;
use super::drive::Driver;
use super::failure::{Failure, INTERNAL, UNCERTAIN};
use crate::definition::{DATA_OUT, Definition, NodeIndex};
use crate::expression::{StepOutput, Value};
use crate::machine::{Recorded, State};
use crate::nodes::{Behaviour, Logic};

/// A run that can be driven, or why it cannot.
pub(super) type Prepared = Result<Driver, (Run, Failure)>;

/// Loads everything that executing `run` takes.
pub(super) async fn prepare(shared: Arc<Shared>, run: Run) -> Result<Prepared, StorageError> {
    let workflows = shared.workflows.clone();
    let definition = match workflows
        .definition(run.workspace_id, run.workflow_version_id)
        .await?
    {
        Ok(definition) => definition,
        Err(reason) => return Ok(Err((run, reason.into()))),
    };
    let Some(trigger) = definition.node_named(&run.trigger_key) else {
        let message = format!("the version has no trigger `{}`", run.trigger_key);
        return Ok(Err((run, Failure::new(INTERNAL, message))));
    };
    // The first claim of a run has fence 1; nothing of it can be on disk before.
    let steps = match run.fence {
        ..=1 => Vec::new(),
        _ => {
            let permit = Permit::<Read>::system(run.workspace_id, "engine");
            step::of_runs(workflows.0.store.reader(), &permit, &[run.id]).await?
        }
    };
    Ok(Ok(Driver::resume(shared, run, definition, trigger, steps)))
}

impl Driver {
    fn resume(
        shared: Arc<Shared>,
        run: Run,
        definition: Arc<Definition>,
        trigger: NodeIndex,
        rows: Vec<Step>,
    ) -> Driver {
        let fresh = rows.is_empty();
        let mut driver = Driver::blank(shared, run, definition, trigger);
        for row in rows {
            if let Some(node) = driver.definition.node_named(&row.node_key) {
                driver.restore(node, row);
            }
        }
        driver.record_trigger(trigger);
        if fresh {
            let (state, todos) = State::start(&driver.definition, trigger);
            driver.state = state;
            driver.todos.extend(todos);
        } else {
            driver.recover(trigger);
        }
        driver
    }

    fn blank(
        shared: Arc<Shared>,
        run: Run,
        definition: Arc<Definition>,
        trigger: NodeIndex,
    ) -> Driver {
        let facts = [
            ("id", Value::from(run.id.to_string())),
            ("workflowId", Value::from(run.workflow_id.to_string())),
            ("createdAt", Value::from(run.created_at.to_string())),
        ];
        let count = definition.len();
        Driver {
            phase: shared.phase.clone(),
            state: State::blank(&definition, trigger),
            trigger: value(&run.input),
            facts: Value::from_pairs(facts),
            outputs: Arc::new(vec![None; count]),
            steps: vec![None; count],
            dirty: vec![false; count],
            todos: VecDeque::new(),
            ready: Vec::new(),
            calls: FuturesUnordered::new(),
            waits: HashMap::new(),
            answer: None,
            shared,
            run,
            definition,
        }
    }

    fn restore(&mut self, node: NodeIndex, row: Step) {
        if let (Some(output), Some(port)) = (&row.output, &row.port) {
            let output = StepOutput {
                output: value(output),
                port: port.as_str().into(),
            };
            Arc::make_mut(&mut self.outputs)[node.index()] = Some(output);
        }
        let responds = matches!(
            self.definition.node(node).kind.behaviour,
            Behaviour::Logic(Logic::Respond)
        );
        if responds && row.status == StepStatus::Succeeded {
            let finished = |node: NodeIndex| {
                self.steps[node.index()]
                    .as_ref()
                    .and_then(|step| step.finished_at)
            };
            if self
                .answer
                .is_none_or(|first| row.finished_at < finished(first))
            {
                self.answer = Some(node);
            }
        }
        self.steps[node.index()] = Some(row);
    }

    /// The trigger is a step like any other in the history; its output is what started the run.
    fn record_trigger(&mut self, trigger: NodeIndex) {
        let output = StepOutput {
            output: self.trigger.clone(),
            port: DATA_OUT.into(),
        };
        Arc::make_mut(&mut self.outputs)[trigger.index()] = Some(output);
        if self.steps[trigger.index()].is_none() {
            let (json, now) = (self.run.input.clone(), self.now());
            let row = self.row(trigger);
            row.status = StepStatus::Succeeded;
            row.attempt = 1;
            row.output = Some(json);
            row.port = Some(DATA_OUT.to_owned());
            row.started_at = Some(now);
            row.finished_at = Some(now);
        }
    }

    fn recover(&mut self, trigger: NodeIndex) {
        let definition = self.definition.clone();
        let recorded: Vec<_> = definition
            .nodes()
            .filter_map(|(node, _)| {
                let row = self.steps[node.index()].as_ref()?;
                Some(Recorded {
                    node,
                    status: row.status,
                    attempt: u32::try_from(row.attempt).unwrap_or(0),
                    port: row.port.as_deref(),
                    wake_at: row.wake_at,
                })
            })
            .collect();
        let recovered = State::recover(&definition, trigger, &recorded);
        self.state = recovered.state;
        self.todos.extend(recovered.todos);
        for node in recovered.uncertain {
            self.row(node).status = StepStatus::Uncertain;
        }
        for node in recovered.lost {
            let message =
                "the server stopped while the step was under way, and its `onUncertain` is FAIL";
            self.failed(node, &Failure::new(UNCERTAIN, message), None, None);
        }
    }
}

/// A stored document as a value. What was stored was checked, so a document that cannot be read is null.
pub(super) fn value(json: &Json) -> Value {
    serde_json::from_str(json.as_str()).unwrap_or_else(|_| Value::from(()))
}
