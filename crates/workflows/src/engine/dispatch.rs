//! Claims due runs and gives each to a driver.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jackfield_storage::ids::RunId;
use jackfield_storage::run::{self, Run, RunStatus};
use jackfield_storage::{Change, Changes, Claim, Timestamp};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::Instrument;

use super::born::{Born, Nursery};
use super::drive::{self, Driver};
use super::{Phase, Shared};

/// How long to wait after claiming has failed.
const AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    changes: Option<Changes>,
    nursery: Arc<Nursery>,
    /// Runs that began before they were written.
    born: mpsc::UnboundedReceiver<Born>,
    phase: watch::Receiver<Phase>,
    drivers: JoinSet<()>,
    active: HashMap<RunId, Active>,
    tasks: HashMap<Id, RunId>,
    /// Whether there may be something to claim.
    wanted: bool,
    /// When the next run becomes due, as far as this engine knows.
    next_due: Option<Timestamp>,
}

/// A run that a driver works on.
struct Active {
    run: Run,
    task: AbortHandle,
    /// Tells the driver how often something happened to the run.
    mail: watch::Sender<i64>,
}

impl Dispatcher {
    pub fn new(
        shared: Arc<Shared>,
        changes: Changes,
        nursery: Arc<Nursery>,
        born: mpsc::UnboundedReceiver<Born>,
    ) -> Dispatcher {
        Dispatcher {
            phase: shared.phase.clone(),
            shared,
            changes: Some(changes),
            nursery,
            born,
            drivers: JoinSet::new(),
            active: HashMap::new(),
            tasks: HashMap::new(),
            wanted: true,
            next_due: None,
        }
    }

    pub async fn run(mut self) {
        let mut poll = interval(self.shared.config.poll);
        let mut lease = interval(self.shared.config.lease / 3);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        lease.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let working = *self.phase.borrow() == Phase::Working;
            self.nursery.note_active(self.active.len());
            if !working
                && self.drivers.is_empty()
                && self.nursery.is_empty()
                && self.born.is_empty()
            {
                return;
            }
            if working && self.wanted && self.free() > 0 {
                self.claim().await;
            }
            tokio::select! {
                changed = self.phase.changed() => if changed.is_err() { return },
                Some(born) = self.born.recv() => self.adopt(born),
                batch = next(&mut self.changes) => self.follow(batch),
                Some(ended) = self.drivers.join_next_with_id() => {
                    self.ended(ended).await;
                    // Whatever else ended while the last claim was committed makes room for the same next claim.
                    while let Some(ended) = self.drivers.try_join_next_with_id() {
                        self.ended(ended).await;
                    }
                }
                () = until_due(self.next_due, self.shared.workflows.0.store.clock().now()), if working => {
                    self.next_due = None;
                    self.wanted = true;
                }
                _ = poll.tick() => self.wanted = true,
                _ = lease.tick() => self.renew().await,
            }
        }
    }

    fn free(&self) -> usize {
        self.shared
            .config
            .max_runs
            .saturating_sub(self.active.len())
    }

    fn claim_of(&self, limit: usize) -> Claim {
        Claim {
            owner: self.shared.owner.clone(),
            lease: self.shared.config.lease,
            limit: limit as u64,
        }
    }

    async fn claim(&mut self) {
        let limit = self.free();
        self.wanted = false;
        let store = self.shared.workflows.0.store.clone();
        let claimed = match store.writer().claim(self.claim_of(limit)).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "runs could not be claimed; the engine tries again soon");
                self.next_due = Some(store.clock().now().after(AGAIN));
                return;
            }
        };
        self.wanted = claimed.len() == limit;
        for run in claimed {
            self.spawn(run);
        }
        if self.next_due.is_none() {
            self.next_due = run::next_due(store.reader()).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the next due run is not known; the engine looks again later");
                None
            });
        }
    }

    fn spawn(&mut self, run: Run) {
        let (mail, told) = watch::channel(run.signal);
        let driver = drive::drive(self.shared.clone(), run.clone(), told);
        self.work_on(run, mail, driver);
    }

    fn adopt(&mut self, born: Born) {
        let run = born.driver.run.clone();
        let driver = drive::go_on(born.driver, born.ending, born.written);
        self.work_on(run, born.mail, driver);
        self.nursery.note_active(self.active.len());
        self.nursery.note_adopted();
    }

    fn work_on(
        &mut self,
        run: Run,
        mail: watch::Sender<i64>,
        driver: impl Future<Output = ()> + Send + 'static,
    ) {
        let span = tracing::info_span!("run", run = %run.id, workflow = %run.workflow_id);
        let task = self.drivers.spawn(driver.instrument(span));
        self.tasks.insert(task.id(), run.id);
        // A run that is still worked on here was claimed again because its lease ran out: the older driver may not write
        // any more.
        if let Some(stale) = self.active.insert(run.id, Active { run, task, mail }) {
            stale.task.abort();
        }
    }

    fn follow(&mut self, batch: Result<Arc<[Change]>, RecvError>) {
        let batch = match batch {
            Ok(batch) => batch,
            Err(RecvError::Lagged(_)) => {
                self.wanted = true;
                self.next_due = None;
                return;
            }
            Err(RecvError::Closed) => {
                self.changes = None;
                return;
            }
        };
        for change in batch.iter() {
            match change {
                Change::Run(run) => {
                    if let Some(active) = self.active.get(&run.id) {
                        active.tell(run.signal);
                    }
                }
                Change::Elsewhere(what) => {
                    let active = self.active.iter();
                    let touched = active.filter(|(id, _)| what.may_have_run(**id));
                    for (id, active) in touched {
                        tokio::spawn(ask(self.shared.clone(), *id, active.mail.clone()));
                    }
                }
                _ => {}
            }
            let due = match change {
                // A queued run is due at once, unless it waits for a slot.
                Change::Run(run) if run.status == RunStatus::Queued => {
                    run.due_at.map(|_| Timestamp::EPOCH)
                }
                Change::Run(run) if run.status == RunStatus::Waiting => run.due_at,
                Change::Elsewhere(what) => what.due(),
                _ => None,
            };
            match due {
                Some(due) if due <= self.shared.workflows.0.store.clock().now() => {
                    self.wanted = true;
                }
                Some(due) => {
                    self.next_due = Some(self.next_due.map_or(due, |next| next.min(due)));
                }
                None => {}
            }
        }
    }

    async fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let (task, panicked) = match &ended {
            Ok((task, ())) => (*task, false),
            Err(error) => (error.id(), error.is_panic()),
        };
        let Some(id) = self.tasks.remove(&task) else {
            return;
        };
        if self
            .active
            .get(&id)
            .is_none_or(|active| active.task.id() != task)
        {
            return;
        }
        if let Some(active) = self.active.remove(&id)
            && panicked
        {
            tracing::error!(run = %id, "executing the run panicked");
            Driver::give_up(&self.shared, active.run).await;
        }
    }

    async fn renew(&mut self) {
        let active = self.active.values().map(|active| &active.run);
        let written = active.filter(|run| self.nursery.is_written(run.id));
        let runs: Vec<_> = written.map(|run| (run.id, run.fence)).collect();
        if runs.is_empty() {
            return;
        }
        let asked: Vec<_> = runs.iter().map(|(id, _)| *id).collect();
        match self
            .shared
            .workflows
            .0
            .store
            .writer()
            .renew(self.claim_of(0), runs)
            .await
        {
            Ok(held) => self.stop_lost(&asked, &held),
            Err(error) => tracing::error!(%error, "leases could not be renewed"),
        }
    }

    /// A run that is not held any more is over, or was claimed by somebody else. Either way its driver has nothing more to
    /// do, least of all outside.
    fn stop_lost(&mut self, asked: &[RunId], held: &[RunId]) {
        let held: HashSet<_> = held.iter().collect();
        let lost = asked.iter().filter(|id| !held.contains(id));
        for active in lost.filter_map(|id| self.active.get(id)) {
            active.task.abort();
        }
    }
}

impl Active {
    fn tell(&self, signal: i64) {
        tell(&self.mail, signal);
    }
}

fn tell(mail: &watch::Sender<i64>, signal: i64) {
    mail.send_if_modified(|known| {
        let news = signal > *known;
        *known = signal.max(*known);
        news
    });
}

/// Another node did something to a run that is worked on here: what, the row says.
async fn ask(shared: Arc<Shared>, id: RunId, mail: watch::Sender<i64>) {
    match run::find_linked(shared.workflows.0.store.reader(), id).await {
        Ok(run) => {
            if let Some(run) = run {
                tell(&mail, run.signal);
            }
        }
        Err(error) => {
            tracing::error!(run = %id, %error, "it is not known what another node did to the run")
        }
    }
}

async fn next(changes: &mut Option<Changes>) -> Result<Arc<[Change]>, RecvError> {
    match changes {
        Some(changes) => changes.recv().await,
        None => std::future::pending().await,
    }
}

async fn until_due(due: Option<Timestamp>, now: Timestamp) {
    match due {
        // A little later rather than a little too early, when nothing would be due yet.
        Some(due) => sleep(due.since(now) + Duration::from_millis(1)).await,
        None => std::future::pending().await,
    }
}
