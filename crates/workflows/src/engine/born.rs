//! Runs that begin before they are written.
//!
//! The store asks before it writes a new run. What only computes is then executed at once, and the run is written once,
//! with its steps and its end: one commit instead of three. What a call needs is read: message templates, which app is the
//! default one, the resources that its config names. A run that calls a plugin is written with the steps before the
//! call and the word that the call begins. Its driver has the call made ready meanwhile; nothing outside happens before the run
//! is on disk, and a run that is not written after all is forgotten with the call.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use futures_util::FutureExt;
use jackfield_storage::ids::RunId;
use jackfield_storage::run::{Run, RunStatus};
use jackfield_storage::{Executed, Executor, StorageError};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};

use super::drive::Driver;
use super::{Phase, Shared};
use crate::definition::{Definition, NodeIndex};
use crate::expression::Value;
use crate::machine::Ending;
use crate::nodes::{Behaviour, NodeType, Wait};

/// A definition, and the trigger at which a run of it begins.
type Begin = (Arc<Definition>, NodeIndex);

/// A run that has begun and is not over.
pub(super) struct Born {
    pub driver: Driver,
    /// How it ends, if only that is left to be done.
    pub ending: Option<Ending>,
    /// Tells the driver how often something happened to the run.
    pub mail: watch::Sender<i64>,
    /// Gives the run as it is on disk, once it is.
    pub written: oneshot::Receiver<Run>,
}

/// Begins runs, and hands on to the dispatcher those that are not over at once.
pub(super) struct Nursery {
    /// Weak, for the store holds the nursery, and the engine the store.
    shared: Weak<Shared>,
    /// Runs that have begun and are not on disk yet, and who waits for that.
    unwritten: Mutex<HashMap<RunId, oneshot::Sender<Run>>>,
    born: mpsc::UnboundedSender<Born>,
    /// How many runs are on their way to the dispatcher.
    coming: AtomicUsize,
    /// How many runs the dispatcher has under way.
    active: AtomicUsize,
}

impl Nursery {
    pub fn new(shared: &Arc<Shared>, born: mpsc::UnboundedSender<Born>) -> Nursery {
        Nursery {
            shared: Arc::downgrade(shared),
            unwritten: Mutex::default(),
            born,
            coming: AtomicUsize::new(0),
            active: AtomicUsize::new(0),
        }
    }

    /// Whether nothing that has begun is still to be written.
    pub fn is_empty(&self) -> bool {
        self.unwritten.lock().is_empty()
    }

    /// Whether a run is on disk that has begun here.
    pub fn is_written(&self, run: RunId) -> bool {
        !self.unwritten.lock().contains_key(&run)
    }

    /// The dispatcher has taken one of the runs that were on their way to it.
    pub fn note_adopted(&self) {
        self.coming.fetch_sub(1, Ordering::Relaxed);
    }

    /// Learns how many runs are under way.
    pub fn note_active(&self, active: usize) {
        self.active.store(active, Ordering::Relaxed);
    }

    /// What it takes to begin a run here and now, if that is possible.
    fn prepare(&self, run: &Run) -> Option<(Arc<Shared>, Begin, Value)> {
        let shared = self.shared.upgrade()?;
        if *shared.phase.borrow() != Phase::Working {
            return None;
        }
        let active = self.active.load(Ordering::Relaxed) + self.coming.load(Ordering::Relaxed);
        if active >= shared.config.max_runs {
            return None;
        }
        let definition = shared
            .workflows
            .known_definition(run.workflow_version_id)
            .filter(|definition| can_begin_unwritten(definition))?;
        let trigger = definition.node_named(&run.trigger_key)?;
        let variables = shared.workflows.known_variables(run.workspace_id)?;
        Some((shared, (definition, trigger), variables))
    }
}

/// A wait for an event begins at the run's place in the log, which an unwritten run has not; and whether there is room
/// under a limit is decided between runs that are written.
fn can_begin_unwritten(definition: &Definition) -> bool {
    let waits = |kind: &NodeType| matches!(kind.behaviour, Behaviour::Wait(Wait::Event));
    definition.settings().concurrency.is_none()
        && definition.nodes().all(|(_, node)| !waits(&node.kind))
}

#[async_trait]
impl Executor for Nursery {
    async fn begin(&self, run: &mut Run) -> Executed {
        let Some((shared, from, variables)) = self.prepare(run) else {
            return Executed::default();
        };
        // Where executing a run panics, or something cannot be read, it is written as it was and fails in a task of its own, before
        // everybody's eyes.
        let (on_disk, written) = oneshot::channel();
        let begun = begin(shared, from, variables, run.clone(), written);
        let Ok(Ok((born, executed))) = AssertUnwindSafe(begun).catch_unwind().await else {
            return Executed::default();
        };
        *run = born.driver.run.clone();
        if run.status == RunStatus::Running {
            self.unwritten.lock().insert(run.id, on_disk);
            self.coming.fetch_add(1, Ordering::Relaxed);
            // When the engine is gone the run is taken up at the end of its lease, as after a crash.
            let _ = self.born.send(born);
        } else {
            born.driver.note_end();
        }
        executed
    }

    fn go_on(&self, run: Run) {
        if let Some(on_disk) = self.unwritten.lock().remove(&run.id) {
            // As above.
            let _ = on_disk.send(run);
        }
    }

    fn forget(&self, run: RunId) {
        self.unwritten.lock().remove(&run);
    }
}

/// Takes a run on, executes what can be, and returns what is to be written with it.
async fn begin(
    shared: Arc<Shared>,
    from: Begin,
    variables: Value,
    mut run: Run,
    written: oneshot::Receiver<Run>,
) -> Result<(Born, Executed), StorageError> {
    let now = shared.workflows.0.store.clock().now();
    run.status = RunStatus::Running;
    run.created_at = now;
    run.started_at = Some(now);
    run.due_at = Some(now.after(shared.config.lease));
    run.lease_owner = Some(shared.owner.clone());
    run.fence = 1;
    let (mail, told) = watch::channel(run.signal);
    let trigger = from.1;
    let mut driver = Driver::blank(shared, run, from, variables, told);
    driver.resume(trigger, Vec::new(), &[]);
    let ending = driver.begin_unwritten().await?;
    let executed = match driver.besides.is_empty() && driver.starting.is_empty() {
        true => Executed {
            steps: driver.take_steps(),
            uses: driver.take_uses(),
        },
        // They cannot be written together with the run: the driver does that right after.
        false => Executed::default(),
    };
    let born = Born {
        driver,
        ending,
        mail,
        written,
    };
    Ok((born, executed))
}

impl Driver {
    /// Does everything that needs no more than reading, up to the end of the run where that ties it to no other, to a rest, or to
    /// the word that calls begin. Returns the ending if it is still to be written.
    async fn begin_unwritten(&mut self) -> Result<Option<Ending>, StorageError> {
        loop {
            if let Some(ending) = self.advance() {
                return Ok(self.end_unwritten(ending));
            }
            if self.unread.is_empty() {
                break;
            }
            self.read_templates().await?;
        }
        if !self.besides.is_empty() || !self.starting.is_empty() {
            return Ok(None);
        }
        match self.rest() {
            Some(wake_at) => self.run.wait(wake_at),
            None => self.prepare_calls().await?,
        }
        Ok(None)
    }

    fn end_unwritten(&mut self, ending: Ending) -> Option<Ending> {
        let told = self.definition.settings().error_workflow.is_some();
        let tied = told && !matches!(ending, Ending::Succeeded);
        if tied || !self.besides.is_empty() || !self.starting.is_empty() {
            return Some(ending);
        }
        self.end(ending);
        None
    }
}
