//! From a claimed run to a driver: its definition, and what its journal says.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use futures_util::stream::FuturesUnordered;
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::run::{self, Run};
use jackfield_storage::step::{self, Step, StepStatus};
use jackfield_storage::{Besides, Json, StorageError};
use tokio::sync::{mpsc, watch};

use super::Shared;
use super::drive::Driver;
use super::failure::{Failure, INTERNAL, RECOVERY_EXHAUSTED, UNCERTAIN};
use super::frame::FrameData;
use super::park::Parked;
use super::pinned::Pins;
use crate::definition::{DATA_OUT, Definition, NodeIndex};
use crate::expression::{StepOutput, Value};
use crate::machine::{ItemPath, Place, Recorded, State};
use crate::nodes::{Behaviour, Logic, Wait};

/// How often in a row a run is taken up after its process died, without a step finished in between.
const MAX_RECOVERIES: i32 = 20;

/// A run that can be driven, or why it cannot.
pub(super) type Prepared = Result<Driver, (Box<Run>, Failure)>;

/// Loads everything that executing `run` takes.
pub(super) async fn prepare(
    shared: Arc<Shared>,
    run: Run,
    mail: watch::Receiver<i64>,
) -> Result<Prepared, StorageError> {
    let workflows = shared.workflows.clone();
    if run.recoveries > MAX_RECOVERIES {
        let message = format!(
            "the server died {MAX_RECOVERIES} times in a row while the run was worked on; it is not tried again"
        );
        return Ok(Err((run.into(), Failure::new(RECOVERY_EXHAUSTED, message))));
    }
    let definition = match workflows
        .definition(run.workspace_id, run.workflow_version_id)
        .await?
    {
        Ok(definition) => definition,
        Err(reason) => return Ok(Err((run.into(), reason.into()))),
    };
    let Some(trigger) = definition.node_named(&run.trigger_key) else {
        let message = format!("the version has no trigger `{}`", run.trigger_key);
        return Ok(Err((run.into(), Failure::new(INTERNAL, message))));
    };
    // The first claim of a run has fence 1; nothing of it can be on disk before.
    let (mut steps, mut children) = (Vec::new(), Vec::new());
    if run.fence > 1 {
        let permit = Permit::<Read>::system(run.workspace_id, "engine");
        steps = step::of_runs(workflows.0.store.reader(), &permit, &[run.id]).await?;
        if steps.iter().any(|step| step.status == StepStatus::Waiting) {
            children = run::children(workflows.0.store.reader(), &permit, &[run.id]).await?;
        }
    }
    let variables = workflows.variables(run.workspace_id).await?;
    let mut driver = Driver::blank(shared, run, (definition, trigger), variables, mail);
    driver.resume(trigger, steps, &children);
    Ok(Ok(driver))
}

impl Driver {
    pub(super) fn blank(
        shared: Arc<Shared>,
        run: Run,
        (definition, trigger): (Arc<Definition>, NodeIndex),
        variables: Value,
        mail: watch::Receiver<i64>,
    ) -> Driver {
        let root = FrameData::new(Arc::new(vec![None; definition.len()]));
        let (recorder, records) = mpsc::unbounded_channel();
        let timeout = definition.settings().timeout;
        Driver {
            phase: shared.phase.clone(),
            mail,
            looked: 0,
            state: State::blank(&definition, trigger),
            trigger: value(&run.input),
            variables,
            frames: BTreeMap::from([(ItemPath::default(), root)]),
            dirty: BTreeSet::new(),
            left: Vec::new(),
            begun: 0,
            besides: Besides::default(),
            acknowledge: Vec::new(),
            todos: VecDeque::new(),
            unread: Vec::new(),
            templates: HashMap::new(),
            ready: Vec::new(),
            words: Vec::new(),
            lent: HashMap::new(),
            uses: BTreeMap::new(),
            calls: FuturesUnordered::new(),
            came: VecDeque::new(),
            aborts: HashMap::new(),
            records,
            recorder,
            journaled: HashSet::new(),
            waits: HashMap::new(),
            parked: BTreeMap::new(),
            starting: Vec::new(),
            unlooked: false,
            taken: 0,
            allowed: HashSet::new(),
            answer: None,
            pins: Pins::of(&run),
            expires: timeout.map(|timeout| run.started_at.unwrap_or(run.created_at).after(timeout)),
            cancelled: None,
            shared,
            run,
            definition,
        }
    }

    pub(super) fn resume(&mut self, trigger: NodeIndex, rows: Vec<Step>, children: &[Run]) {
        let fresh = rows.is_empty();
        let mut rows: Vec<(Place, Step)> = rows
            .into_iter()
            .filter_map(|row| Some((self.place(&row)?, row)))
            .collect();
        // What is around comes before what is within.
        rows.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        let mut recorded = Vec::with_capacity(rows.len());
        for (place, row) in rows {
            recorded.push(self.restore(place, row, children));
        }
        self.record_trigger(trigger);
        if fresh {
            let (state, todos) = State::start(&self.definition, trigger);
            self.state = state;
            self.todos.extend(todos);
        } else {
            self.recover(trigger, &recorded);
            // Whatever happened meanwhile is looked at, seen by an earlier worker or not.
            self.looked = match self.run.signal > 0 || !self.parked.is_empty() {
                true => -1,
                false => self.run.signal,
            };
        }
    }

    /// Where a row's step is; none when the definition has no such node.
    fn place(&self, row: &Step) -> Option<Place> {
        Some(Place {
            node: self.definition.node_named(&row.node_key)?,
            path: row.item_path.as_deref().unwrap_or_default().parse().ok()?,
        })
    }

    fn restore(&mut self, place: Place, row: Step, children: &[Run]) -> Recorded {
        let around = &self
            .definition
            .region(self.definition.region_of(place.node))
            .around;
        if let (Some((path, item)), Some(node)) = (place.path.parent(), around.last().copied()) {
            self.begin_item(&Place { node, path }, item);
        }
        let (kind, output) = (self.definition.node(place.node).kind.clone(), &row.output);
        if let (Some(output), Some(port)) = (output, &row.port) {
            let output = StepOutput {
                output: value(output),
                port: port.as_str().into(),
            };
            if let Some(frame) = self.frames.get_mut(&place.path) {
                frame.show(place.node, output);
            }
        }
        if let (Behaviour::Logic(Logic::Respond), Some(output), Some(finished)) =
            (&kind.behaviour, output, row.finished_at)
            && self
                .answer
                .as_ref()
                .is_none_or(|(first, _)| finished < *first)
        {
            self.answer = Some((finished, output.clone()));
        }
        let recorded = Recorded {
            items: match kind.is_loop() && row.status == StepStatus::Running {
                true => self.restore_items(&place, row.input.as_ref()),
                false => None,
            },
            place: place.clone(),
            status: row.status,
            attempt: u32::try_from(row.attempt).unwrap_or(0),
            port: row.port.clone(),
            wake_at: row.wake_at,
        };
        if let (StepStatus::Waiting, Behaviour::Wait(wait)) = (row.status, &kind.behaviour) {
            let child = children
                .iter()
                .find(|child| child.parent_step_id == Some(row.id));
            let parked = match wait {
                Wait::Delay => Parked::Instant,
                Wait::Approval => Parked::Person,
                Wait::Event => Parked::Event(row.id),
                // A step that waits for a run was written together with that run.
                Wait::Workflow => child.map_or(Parked::Instant, |child| Parked::Run(child.id)),
            };
            self.parked.insert(place.clone(), parked);
        }
        self.begun += 1;
        if let Some(frame) = self.frames.get_mut(&place.path) {
            frame.rows.insert(place.node, row);
        }
        recorded
    }

    /// The trigger is a step like any other in the history; its output is what started the run.
    fn record_trigger(&mut self, trigger: NodeIndex) {
        let place = Place::root(trigger);
        let output = StepOutput {
            output: self.trigger.clone(),
            port: DATA_OUT.into(),
        };
        if let Some(root) = self.frames.get_mut(&place.path) {
            root.show(trigger, output);
        }
        if self.step(&place).is_none() {
            let (json, now) = (self.run.input.clone(), self.now());
            let pinned = self.is_pinned(&self.run.trigger_key);
            let row = self.row(&place);
            row.status = StepStatus::Succeeded;
            row.attempt = 1;
            row.output = Some(json);
            row.pinned = pinned;
            row.port = Some(DATA_OUT.to_owned());
            row.started_at = Some(now);
            row.finished_at = Some(now);
        }
    }

    fn recover(&mut self, trigger: NodeIndex, recorded: &[Recorded]) {
        let recovered = State::recover(&self.definition.clone(), trigger, recorded);
        self.state = recovered.state;
        self.todos.extend(recovered.todos);
        for place in recovered.uncertain {
            let message =
                "the server stopped while the step was under way, and its `onUncertain` is ASK";
            let row = self.row(&place);
            row.status = StepStatus::Uncertain;
            row.error = Some(Failure::new(UNCERTAIN, message).json());
        }
        for place in recovered.lost {
            let message =
                "the server stopped while the step was under way, and its `onUncertain` is FAIL";
            self.failed(&place, &Failure::new(UNCERTAIN, message), None, None);
        }
    }
}

/// A stored document as a value. What was stored was checked, so a document that cannot be read is null.
pub(super) fn value(json: &Json) -> Value {
    serde_json::from_str(json.as_str()).unwrap_or_else(|_| Value::from(()))
}
