//! The rows of a run and its steps, and when they are written.

use std::sync::Arc;

use jackfield_storage::run::{Run, RunStatus};
use jackfield_storage::step::{Step, StepStatus};
use jackfield_storage::{Advance, AdvanceError, Json, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Shared;
use super::drive::Driver;
use super::failure::{Failure, INTERNAL};
use crate::definition::NodeIndex;
use crate::machine::Ending;

impl Driver {
    pub(super) fn now(&self) -> Timestamp {
        self.shared.workflows.0.store.clock().now()
    }

    /// The row of a node's step, made when there is none yet. It will be written with the next commit.
    pub(super) fn row(&mut self, node: NodeIndex) -> &mut Step {
        self.dirty[node.index()] = true;
        let clock = self.shared.workflows.0.store.clock();
        let (run, definition) = (&self.run, &self.definition);
        self.steps[node.index()].get_or_insert_with(|| Step {
            id: clock.id(),
            workspace_id: run.workspace_id,
            run_id: run.id,
            node_key: definition.node(node).key.to_string(),
            status: StepStatus::Queued,
            attempt: 0,
            input: None,
            output: None,
            error: None,
            port: None,
            created_at: clock.now(),
            started_at: None,
            finished_at: None,
            wake_at: None,
            revision: 0,
            item_path: None,
            plugin_sha256: None,
        })
    }

    /// Records a step that will not be executed, or not again.
    pub(super) fn close(&mut self, node: NodeIndex, status: StepStatus) {
        let now = self.now();
        let row = self.row(node);
        row.status = status;
        row.wake_at = None;
        row.finished_at = Some(now);
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.dirty.contains(&true)
    }

    /// Writes the run and the steps that have changed. On return they are on disk.
    pub(super) async fn commit(&mut self) -> Result<(), AdvanceError> {
        let changed = self
            .steps
            .iter()
            .zip(&self.dirty)
            .filter(|(_, dirty)| **dirty);
        let steps = changed.filter_map(|(step, _)| step.clone()).collect();
        if self.run.status == RunStatus::Running {
            self.run.due_at = Some(self.now().after(self.shared.config.lease));
        }
        let advance = Advance {
            run: self.run.clone(),
            steps,
            blobs: Vec::new(),
            besides: Default::default(),
        };
        self.run = self
            .shared
            .workflows
            .0
            .store
            .writer()
            .advance(advance)
            .await?;
        self.dirty.fill(false);
        Ok(())
    }

    /// Writes the end of the run.
    pub(super) async fn finish(mut self, ending: Ending) -> Result<(), AdvanceError> {
        let now = self.now();
        match ending {
            Ending::Succeeded => {
                self.run.output = Some(self.output());
                self.run.finish(RunStatus::Succeeded, now);
            }
            Ending::Failed { node } => {
                self.run.error = Some(self.error(node));
                self.run.finish(RunStatus::Failed, now);
            }
        }
        self.commit().await?;
        match &self.run.error {
            Some(error) => tracing::warn!(error = error.as_str(), "the run failed"),
            None => tracing::debug!(status = %self.run.status, "the run is over"),
        }
        Ok(())
    }

    /// The answer of the `respond` node; without one, what the last steps returned.
    fn output(&self) -> Json {
        let output = |node: NodeIndex| {
            self.steps[node.index()]
                .as_ref()
                .and_then(|step| step.output.clone())
        };
        if let Some(answer) = self.answer.and_then(output) {
            return answer;
        }
        let ends: Vec<_> = self
            .state
            .ends(&self.definition)
            .filter_map(|node| Some((self.definition.node(node).key.as_str(), output(node)?)))
            .collect();
        merged(&ends)
    }

    fn error(&self, node: NodeIndex) -> Json {
        let key = &self.definition.node(node).key;
        let stored = self.steps[node.index()]
            .as_ref()
            .and_then(|step| step.error.as_ref());
        let mut error = stored.map_or_else(
            || Failure::new(INTERNAL, "a step failed").json().value(),
            Json::value,
        );
        if let Some(error) = error.as_object_mut() {
            error.insert("nodeKey".to_owned(), key.as_str().into());
        }
        error.into()
    }

    /// Fails a run that cannot be driven at all.
    pub(super) async fn fail(
        shared: &Arc<Shared>,
        mut run: Run,
        failure: &Failure,
    ) -> Result<(), AdvanceError> {
        let store = &shared.workflows.0.store;
        run.error = Some(failure.json());
        run.finish(RunStatus::Failed, store.clock().now());
        store
            .writer()
            .advance(Advance {
                run,
                steps: Vec::new(),
                blobs: Vec::new(),
                besides: Default::default(),
            })
            .await?;
        Ok(())
    }

    /// Fails a run whose driver panicked.
    pub(super) async fn give_up(shared: &Arc<Shared>, run: Run) {
        let id = run.id;
        let failure = Failure::new(
            INTERNAL,
            "executing the run failed because of an error in the server; see its log",
        );
        if let Err(error) = Driver::fail(shared, run, &failure).await {
            tracing::error!(run = %id, %error, "the failure of the run could not be written");
        }
    }
}

/// The only output, or an object of several by node key.
pub(super) fn merged(outputs: &[(&str, Json)]) -> Json {
    match outputs {
        [] => Json::null(),
        [(_, only)] => only.clone(),
        several => Json::of(&ByKey(several)).unwrap_or_else(|_| Json::null()),
    }
}

/// Outputs by node key.
struct ByKey<'a>(&'a [(&'a str, Json)]);

impl Serialize for ByKey<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, output) in self.0 {
            map.serialize_entry(key, output)?;
        }
        map.end()
    }
}
