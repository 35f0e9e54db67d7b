//! Drives one run: asks the state machine what to do, and does it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{AbortHandle, BoxFuture};
use futures_util::stream::FuturesUnordered;
use jackfield_storage::credential_use::CredentialUse;
use jackfield_storage::ids::{CredentialUseId, MessageTemplateId, StepId};
use jackfield_storage::run::Run;
use jackfield_storage::step::{Step, StepStatus};
use jackfield_storage::{AdvanceError, Besides, Json, StorageError, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};

use super::call::{Attempt, Record, Returned, Word};
use super::child::Starting;
use super::frame::FrameData;
use super::lent::Lent;
use super::message::Unread;
use super::park::Parked;
use super::pinned::Pins;
use super::prepare::prepare;
use super::{Phase, Shared};
use crate::definition::Definition;
use crate::expression::Value;
use crate::machine::{Ending, Happened, ItemPath, NodeState, Place, State, Todo};
use crate::message_template::Found;

/// A run under way.
pub(super) struct Driver {
    pub shared: Arc<Shared>,
    pub phase: watch::Receiver<Phase>,
    /// How often something happened to the run, as others in this process tell.
    pub mail: watch::Receiver<i64>,
    /// Up to which of these things it has looked.
    pub looked: i64,
    pub run: Run,
    pub definition: Arc<Definition>,
    pub state: State,
    pub trigger: Value,
    /// The workspace's variables as they were when the run was taken up.
    pub variables: Value,
    /// The data of the run itself and of each item under way.
    pub frames: BTreeMap<ItemPath, FrameData>,
    /// Whose rows are not on disk as they are here.
    pub dirty: BTreeSet<Place>,
    /// Rows of items that are over, to be written with the next commit.
    pub left: Vec<Step>,
    /// How many steps the run has begun.
    pub begun: usize,
    /// What is to be written besides steps.
    pub besides: Besides,
    /// Who is told that it was.
    pub acknowledge: Vec<oneshot::Sender<()>>,
    pub todos: VecDeque<Todo>,
    /// Steps that want message templates which are not in memory.
    pub unread: Vec<Unread>,
    /// What was read for them.
    pub templates: HashMap<MessageTemplateId, Found>,
    /// Attempts that begin as soon as everything before them is on disk.
    pub ready: Vec<Attempt>,
    /// To be told to attempts once their rows, which say that they begin, are on disk.
    pub words: Vec<watch::Sender<bool>>,
    /// The credentials that attempts under way have the use of.
    pub lent: HashMap<Place, Lent>,
    /// Uses of credentials to be written with the next commit.
    pub uses: BTreeMap<CredentialUseId, CredentialUse>,
    pub calls: FuturesUnordered<BoxFuture<'static, Option<Returned>>>,
    /// What calls came to while something else was waited for.
    pub came: VecDeque<Returned>,
    pub aborts: HashMap<Place, AbortHandle>,
    /// What calls want written while they go on.
    pub records: mpsc::UnboundedReceiver<Record>,
    pub recorder: mpsc::UnboundedSender<Record>,
    /// Steps with turns on disk.
    pub journaled: HashSet<StepId>,
    pub waits: HashMap<Place, Timestamp>,
    /// What steps wait for.
    pub parked: BTreeMap<Place, Parked>,
    /// Runs that are started with the next commit.
    pub starting: Vec<Starting>,
    /// Whether a wait for an event has yet to look at those that are stored already.
    pub unlooked: bool,
    /// The log position of the last event that a wait has taken.
    pub taken: i64,
    /// Uncertain steps that a person wants repeated.
    pub allowed: HashSet<Place>,
    /// What nodes return instead of being executed, in a test run.
    pub pins: Pins,
    /// The output of the first `respond` node that was executed, and when.
    pub answer: Option<(Timestamp, Json)>,
    /// When the run has taken longer than it may.
    pub expires: Option<Timestamp>,
    /// Why somebody cancelled the run.
    pub cancelled: Option<String>,
}

/// Executes a claimed run until it is over, waits for long, or is to be left.
pub(super) async fn drive(shared: Arc<Shared>, run: Run, mail: watch::Receiver<i64>) {
    let result = match prepare(shared.clone(), run, mail).await {
        Ok(Ok(driver)) => driver.drive().await,
        Ok(Err((run, failure))) => Driver::fail(&shared, *run, &failure).await,
        Err(error) => Err(error.into()),
    };
    tell(result);
}

/// Goes on with a run that began before it was written, once it is.
pub(super) async fn go_on(
    mut driver: Driver,
    ending: Option<Ending>,
    written: oneshot::Receiver<Run>,
) {
    // One that is never written was there already.
    let Ok(run) = driver.beside_calls(written).await else {
        return;
    };
    driver.run = run;
    driver.give_words();
    let result = match ending {
        Some(ending) => driver.finish(ending).await,
        None => driver.drive().await,
    };
    tell(result);
}

fn tell(result: Result<(), AdvanceError>) {
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
            if self.has_mail() {
                self.look().await?;
            }
            if let Some(ending) = self.advance() {
                return self.finish(ending).await;
            }
            if !self.unread.is_empty() {
                self.read_templates().await?;
                continue;
            }
            if !self.starting.is_empty() {
                self.start_children().await?;
                continue;
            }
            let phase = *self.phase.borrow();
            if phase == Phase::Stopping || (phase == Phase::Draining && !self.has_calls()) {
                let now = self.now();
                self.take_all_back();
                self.run.release(now);
                return self.commit().await;
            }
            if phase == Phase::Working {
                self.begin().await?;
            }
            if self.unlooked {
                // Whoever stores an event from now on sees the wait; those from before are looked at here.
                self.commit().await?;
                self.look().await?;
                continue;
            }
            if let Some(wake_at) = self.rest() {
                self.run.wait(wake_at);
                return self.commit().await;
            }
            if self.is_dirty() {
                self.commit().await?;
            }
            if !self.has_mail() {
                self.next().await;
            }
        }
    }

    /// Does everything that needs no waiting.
    pub(super) fn advance(&mut self) -> Option<Ending> {
        while let Some(todo) = self.todos.pop_front() {
            match todo {
                Todo::Execute { place, attempt } => self.execute(&place, attempt),
                Todo::Wait { place, until } => {
                    self.waits.insert(place, until);
                }
                Todo::Skip { place } => self.close(&place, StepStatus::Skipped),
                Todo::Cancel { place } => self.cancel(&place),
                Todo::Begin { place, item } => self.begin_item(&place, item),
                Todo::ItemOver {
                    place,
                    item,
                    failed_by,
                } => self.item_over(&place, item, failed_by),
                Todo::Gather { place } => self.gather(&place),
                Todo::Finish(ending) => return Some(ending),
            }
        }
        self.templates.clear();
        None
    }

    pub(super) fn happened(&mut self, happened: Happened<'_>) {
        let todos = self.state.advance(&self.definition, happened);
        self.todos.extend(todos);
    }

    /// Ends what a step has under way, and the step.
    fn cancel(&mut self, place: &Place) {
        self.waits.remove(place);
        self.unpark(place);
        if let Some(call) = self.aborts.remove(place) {
            call.abort();
            self.take_back(place);
        }
        self.ready.retain(|attempt| attempt.place != *place);
        self.came.retain(|returned| returned.place != *place);
        self.close(place, StepStatus::Cancelled);
        self.forget(place);
    }

    /// Begins the ready attempts, and puts on disk what they depend on, and that they begin.
    async fn begin(&mut self) -> Result<(), AdvanceError> {
        if self.ready.is_empty() {
            return Ok(());
        }
        self.prepare_calls().await?;
        self.commit().await
    }

    /// Reads what the ready attempts need, says in their rows that they begin, and has them get ready for when these are on disk.
    pub(super) async fn prepare_calls(&mut self) -> Result<(), StorageError> {
        if !self.ready.is_empty() {
            self.choose_defaults().await?;
            self.settle().await;
            self.announce();
        }
        Ok(())
    }

    fn announce(&mut self) {
        let (giver, word) = Word::awaited();
        self.words.push(giver);
        for attempt in std::mem::take(&mut self.ready) {
            self.lend(&attempt);
            let (sha256, foreign) = (attempt.sha256.clone(), attempt.foreign);
            let app = attempt.app;
            let row = self.row(&attempt.place);
            row.status = StepStatus::Running;
            row.wake_at = None;
            row.plugin_sha256 = sha256;
            row.connected_app_id = app;
            if foreign {
                self.forget(&attempt.place);
            }
            let place = attempt.place.clone();
            let (call, abort) = futures_util::future::abortable(attempt.call(word.clone()));
            self.aborts.insert(place, abort);
            self.calls.push(Box::pin(async move { call.await.ok() }));
        }
    }

    /// The rows of all that was announced are on disk.
    pub(super) fn give_words(&mut self) {
        for word in self.words.drain(..) {
            word.send_replace(true);
        }
    }

    /// Waits for something, and lets calls go on meanwhile.
    pub(super) async fn beside_calls<T>(&mut self, awaited: impl Future<Output = T>) -> T {
        let mut awaited = std::pin::pin!(awaited);
        loop {
            tokio::select! {
                biased;
                done = &mut awaited => return done,
                Some(returned) = self.calls.next() => self.came.extend(returned),
            }
        }
    }

    fn has_calls(&self) -> bool {
        !self.calls.is_empty() || !self.came.is_empty()
    }

    /// Whether the run has nothing to do for so long that it is better written down; if so, until when.
    pub(super) fn rest(&self) -> Option<Option<Timestamp>> {
        let is_busy = self.has_calls() || !self.todos.is_empty() || !self.ready.is_empty();
        if is_busy || !self.unread.is_empty() {
            return None;
        }
        match self.next_instant() {
            None => Some(None),
            Some(until) => {
                (until.since(self.now()) > self.shared.config.park_after).then_some(Some(until))
            }
        }
    }

    /// When the run goes on by itself.
    fn next_instant(&self) -> Option<Timestamp> {
        self.waits.values().copied().chain(self.expires).min()
    }

    /// Waits for the next thing to happen.
    async fn next(&mut self) {
        if let Some(returned) = self.came.pop_front() {
            return self.over(returned);
        }
        let due = self.next_instant();
        let pause = due.map_or(Duration::MAX, |until| until.since(self.now()));
        tokio::select! {
            Some(returned) = self.calls.next() => {
                if let Some(returned) = returned {
                    self.over(returned);
                }
            }
            Some(record) = self.records.recv() => self.record(record),
            () = tokio::time::sleep(pause), if due.is_some() => self.due(),
            () = changed(&mut self.phase) => {}
            () = changed(&mut self.mail) => {}
        }
        while let Ok(record) = self.records.try_recv() {
            self.record(record);
        }
    }

    /// A call is over.
    fn over(&mut self, returned: Returned) {
        self.aborts.remove(&returned.place);
        self.returned(returned);
    }

    /// The instants that have come.
    fn due(&mut self) {
        let now = self.now();
        if self.expires.is_some_and(|expires| expires <= now) {
            self.expires = None;
            return self.happened(Happened::Stopped {
                ending: Ending::TimedOut,
            });
        }
        let due: Vec<Place> = self
            .waits
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(place, _)| place.clone())
            .collect();
        for place in due {
            self.waits.remove(&place);
            match self.state.node(&self.definition, &place) {
                NodeState::Parked { .. } => self.waited(&place),
                _ => self.happened(Happened::Due { place: &place }),
            }
        }
    }
}

async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    // When the engine is gone nothing changes any more, and this driver is about to be dropped.
    if receiver.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
