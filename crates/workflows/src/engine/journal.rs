//! The rows of a run and its steps, and when they are written.

use std::sync::Arc;

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::run::{self, Run, RunStatus};
use jackfield_storage::step::{self, Step, StepStatus};
use jackfield_storage::turn::StepTurn;
use jackfield_storage::{Advance, AdvanceError, Besides, Json, Timestamp};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Shared;
use super::call::Record;
use super::child::error_run;
use super::drive::Driver;
use super::failure::{self, CANCELLED, Failure, INTERNAL, TIMEOUT};
use super::park::no_longer_wanted;
use crate::definition::{NodeIndex, format_duration};
use crate::machine::{Ending, Place};

impl Driver {
    pub(super) fn now(&self) -> Timestamp {
        self.shared.workflows.0.store.clock().now()
    }

    /// The step at that place, as it is or will be on disk.
    pub(super) fn step(&self, place: &Place) -> Option<&Step> {
        self.frames.get(&place.path)?.rows.get(&place.node)
    }

    /// The row of a step, made when there is none yet. It will be written with the next commit.
    pub(super) fn row(&mut self, place: &Place) -> &mut Step {
        if !self.dirty.contains(place) {
            self.dirty.insert(place.clone());
        }
        let clock = self.shared.workflows.0.store.clock();
        let (run, definition, begun) = (&self.run, &self.definition, &mut self.begun);
        // A step is reported for frames under way only; the data of a frame lives as long.
        let frame = self
            .frames
            .entry(place.path.clone())
            .or_insert_with(|| super::frame::FrameData::new(Arc::default()));
        frame.rows.entry(place.node).or_insert_with(|| {
            *begun += 1;
            Step {
                id: clock.id(),
                workspace_id: run.workspace_id,
                run_id: run.id,
                node_key: definition.node(place.node).key.to_string(),
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
                item_path: (!place.path.items().is_empty()).then(|| place.path.to_string()),
                plugin_sha256: None,
                pinned: false,
                turn_of: None,
                warnings: None,
                connected_app_id: None,
            }
        })
    }

    /// Records a step that will not be executed, or not again.
    pub(super) fn close(&mut self, place: &Place, status: StepStatus) {
        let now = self.now();
        let row = self.row(place);
        row.status = status;
        row.wake_at = None;
        row.turn_of = None;
        row.finished_at = Some(now);
    }

    /// What a plugin was told in the course of the step is of no use any more.
    pub(super) fn forget(&mut self, place: &Place) {
        let Some(step) = self.step(place).map(|row| row.id) else {
            return;
        };
        if self.journaled.remove(&step) {
            self.besides.forget.push(step);
        }
    }

    /// Takes in what a call wants written.
    pub(super) fn record(&mut self, record: Record) {
        let Some(step) = self.step(&record.place).map(|row| row.id) else {
            return;
        };
        self.note_use(&record.place);
        if record.first == 0 && self.journaled.contains(&step) {
            self.besides.forget.push(step);
        }
        self.journaled.insert(step);
        let numbered = (record.first..).zip(record.turns);
        self.besides
            .turns
            .extend(numbered.map(|(number, turn)| StepTurn {
                step_id: step,
                number: i32::try_from(number).unwrap_or(i32::MAX),
                workspace_id: self.run.workspace_id,
                run_id: self.run.id,
                asked: turn.asked,
                frame: turn.frame,
            }));
        self.acknowledge.push(record.done);
    }

    pub(super) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
            || !self.left.is_empty()
            || !self.uses.is_empty()
            || !self.acknowledge.is_empty()
            || !self.besides.is_empty()
    }

    /// The steps that have changed since they were last written.
    pub(super) fn take_steps(&mut self) -> Vec<Step> {
        let mut steps = std::mem::take(&mut self.left);
        let dirty = std::mem::take(&mut self.dirty);
        steps.extend(dirty.iter().filter_map(|place| self.step(place).cloned()));
        // In the order in which they began.
        steps.sort_unstable_by_key(|step| step.id);
        steps
    }

    /// Writes the run and the steps that have changed. On return they are on disk, and calls that waited for that go on.
    pub(super) async fn commit(&mut self) -> Result<(), AdvanceError> {
        let steps = self.take_steps();
        if steps.iter().any(|step| step.status.is_finished()) {
            self.run.recoveries = 0;
        }
        if self.run.status == RunStatus::Running {
            self.run.due_at = Some(self.now().after(self.shared.config.lease));
        }
        let advance = Advance {
            run: self.run.clone(),
            steps,
            blobs: Vec::new(),
            uses: self.take_uses(),
            besides: std::mem::take(&mut self.besides),
        };
        let store = self.shared.workflows.0.store.clone();
        self.run = self.beside_calls(store.writer().advance(advance)).await?;
        self.give_words();
        for done in self.acknowledge.drain(..) {
            // A call that was given up meanwhile has no use for the answer.
            let _ = done.send(());
        }
        Ok(())
    }

    /// Writes the end of the run.
    pub(super) async fn finish(mut self, ending: Ending) -> Result<(), AdvanceError> {
        self.take_all_back();
        self.end(ending);
        self.tell_others().await?;
        self.commit().await?;
        self.note_end();
        Ok(())
    }

    /// Lets the run be over, in memory.
    pub(super) fn end(&mut self, ending: Ending) {
        let now = self.now();
        let (status, error) = match ending {
            Ending::Succeeded => {
                self.run.output = Some(self.output());
                (RunStatus::Succeeded, None)
            }
            Ending::Failed { node } => (RunStatus::Failed, Some(self.error(node))),
            Ending::TimedOut => {
                let after = self.definition.settings().timeout.unwrap_or_default();
                let message = format!("the run took longer than {}", format_duration(after));
                let error = Failure::new(TIMEOUT, message).json();
                (RunStatus::Failed, Some(error))
            }
            Ending::Cancelled => {
                let reason = self.cancelled.take().unwrap_or_default();
                let error = Failure::new(CANCELLED, reason).json();
                (RunStatus::Cancelled, Some(error))
            }
        };
        self.run.error = error;
        self.run.finish(status, now);
    }

    /// Tells the log that the run is over.
    pub(super) fn note_end(&self) {
        match &self.run.error {
            Some(error) => tracing::warn!(error = error.as_str(), "the run failed"),
            None => tracing::debug!(status = %self.run.status, "the run is over"),
        }
    }

    /// A run that waits for this one learns of its end; the workflow that is named for failures is started.
    async fn tell_others(&mut self) -> Result<(), AdvanceError> {
        ties(&self.shared, &self.run, &mut self.besides).await
    }

    /// The answer of the `respond` node; without one, what the last steps returned.
    fn output(&self) -> Json {
        if let Some((_, answer)) = &self.answer {
            return answer.clone();
        }
        let root = self.frames.get(&Default::default());
        let ends: Vec<_> = self
            .state
            .ends(&self.definition)
            .filter_map(|node| {
                let output = root?.output(node)?.clone();
                Some((self.definition.node(node).key.as_str(), output))
            })
            .collect();
        merged(&ends)
    }

    fn error(&self, node: NodeIndex) -> Json {
        let key = &self.definition.node(node).key;
        let stored = self.step(&Place::root(node));
        failure::with_node(stored.and_then(|step| step.error.as_ref()), key.as_str())
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
        let mut besides = Besides::default();
        let steps = leave(shared, &run, failure, &mut besides).await?;
        ties(shared, &run, &mut besides).await?;
        tracing::warn!(error = %failure.json(), "the run failed");
        store
            .writer()
            .advance(Advance {
                run,
                steps,
                blobs: Vec::new(),
                uses: Vec::new(),
                besides,
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

/// The steps that a run leaves behind that nobody can drive: those under way have failed with it, the others are not come
/// to any more, and what they wait for is given up.
async fn leave(
    shared: &Shared,
    run: &Run,
    failure: &Failure,
    besides: &mut Besides,
) -> Result<Vec<Step>, AdvanceError> {
    let permit = Permit::<Read>::system(run.workspace_id, "engine");
    let store = &shared.workflows.0.store;
    let now = store.clock().now();
    let mut steps = step::of_runs(store.reader(), &permit, &[run.id]).await?;
    steps.retain(|step| !step.status.is_finished());
    for step in &mut steps {
        step.status = match step.status {
            StepStatus::Running => {
                step.error = Some(failure.json());
                StepStatus::Failed
            }
            _ => StepStatus::Cancelled,
        };
        step.wake_at = None;
        step.turn_of = None;
        step.finished_at = Some(now);
    }
    besides.unwait.extend(steps.iter().map(|step| step.id));
    besides.forget.extend(steps.iter().map(|step| step.id));
    if steps.is_empty() {
        return Ok(steps);
    }
    for child in run::children(store.reader(), &permit, &[run.id]).await? {
        if child.parent_step_id.is_some() && !child.status.is_finished() {
            let signal = no_longer_wanted(shared, run, child.id);
            besides.signals.push(signal);
        }
    }
    Ok(steps)
}

/// What the end of a run does to others.
async fn ties(shared: &Shared, run: &Run, besides: &mut Besides) -> Result<(), AdvanceError> {
    if let (Some(parent), Some(_)) = (run.parent_run_id, run.parent_step_id) {
        besides.wake.push(parent);
    }
    if let (RunStatus::Failed, Some(error)) = (run.status, &run.error) {
        besides.runs.extend(error_run(shared, run, error).await?);
    }
    Ok(())
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
