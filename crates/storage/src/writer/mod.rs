//! The one way to write: group commit.
//!
//! Callers put units of work into a bounded queue. One task takes whatever has gathered while the
//! last commit ran, writes it as one transaction of multi-row statements, and answers each caller
//! after the commit. One `fsync` so pays for hundreds of rows.
//!
//! - **Positions.** Each event and each revision gets the next position of one log, inside the
//!   transaction that commits it. On PostgreSQL the row in `log_heads` is locked until the commit,
//!   on SQLite there is one writer. So a reader that has seen a position has seen all before it.
//! - **One bad unit fails alone.** A batch that the database refuses is first freed of duplicates,
//!   then halved until the bad unit stands alone.
//! - **Dropped callers** do not matter: their unit is committed like any other.

mod answers;
mod arrays;
mod batch;
mod besides;
mod call;
mod claim;
mod courier;
mod crash;
mod deliveries;
mod direct;
mod duplicates;
mod executor;
mod insert_answer;
mod limited;
mod matching;
mod notice;
mod plan;
mod polled;
mod retry;
mod rows;
mod session;
mod statement;
mod task;
mod unit;
mod unnest;

use std::io;
use std::pin::Pin;

use futures_util::future::join_all;
use sea_orm::DatabaseConnection;
use tokio::sync::{mpsc, oneshot};

pub use besides::Besides;
pub use call::Call;
pub use claim::Claim;
pub use courier::{Attempted, Courier, NewDelivery};
pub use deliveries::ClaimedDelivery;
pub(crate) use deliveries::move_on;
pub(crate) use direct::{DirectWriter, bind};
pub(crate) use executor::Executing;
pub use executor::{Executed, Executor};
pub(crate) use limited::deliver;
pub use matching::Matcher;
pub(crate) use matching::Matching;
pub use unit::{
    Advance, AdvanceError, Append, Appended, Lease, NewEvent, NewRun, Parent, Start, Started,
};

use crate::{
    Clock, StorageError,
    access::{ManageWebhooks, Permit, PublishEvents, StartRuns, WritePermission},
    audit_log::Origin,
    changes::{Listener, Order},
    ids::{DeliveryId, RunId, WorkspaceId},
    run::Run,
    store::Lock,
};
use courier::Addressed;
use session::Failure;
use unit::{Insert, Unit};

/// How many units wait before callers have to: a few commits' worth.
const QUEUE: usize = 4_096;

/// What a caller's closure in [`Writer::call`] returns.
pub type CallFuture<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// Takes units of work and commits them in batches. Clones share one queue.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Unit>,
    matching: Matching,
    executing: Executing,
}

/// What the writer's task works with.
pub(crate) struct Session {
    /// One connection.
    pub db: DatabaseConnection,
    /// The connection of the hot path; on PostgreSQL there is none.
    pub direct: Option<DirectWriter>,
    pub head: i64,
    /// Released when the task ends, so that nobody else opens the file while it still writes.
    pub lock: Option<Lock>,
    pub clock: Clock,
    /// The name of this process among those that work on the database.
    pub node: String,
    /// Stopped when the task ends.
    pub listener: Option<Listener>,
}

impl Writer {
    pub(crate) fn spawn(
        session: Session,
        order: Order,
        matching: Matching,
        executing: Executing,
    ) -> io::Result<Self> {
        let (queue, units) = mpsc::channel(QUEUE);
        task::spawn(session, order, units)?;
        Ok(Self {
            queue,
            matching,
            executing,
        })
    }

    /// Appends an event to the log, together with what it starts, all or nothing: the runs of
    /// `append`, those that the store's [`Matcher`] adds, and a delivery to each endpoint that its
    /// [`Courier`] names.
    ///
    /// When the workspace already has an event with the same dedupe key, nothing is written and
    /// the answer names that event, with `duplicate` set and without runs.
    pub async fn append(
        &self,
        permit: &Permit<PublishEvents>,
        mut append: Append,
    ) -> Result<Appended, StorageError> {
        let workspace = permit.workspace();
        let deliveries = self.prepare(workspace, &mut append).await?;
        if limited::concerns(&append.runs) {
            let append = self.limited(append, deliveries);
            let appended = self
                .call_unscoped(move |call| Box::pin(limited::append(call, workspace, append)))
                .await;
            self.look();
            return appended;
        }
        self.append_row(workspace, append, deliveries).await
    }

    async fn append_row(
        &self,
        workspace: WorkspaceId,
        append: Append,
        deliveries: Addressed,
    ) -> Result<Appended, StorageError> {
        let insert = Insert::append(workspace, append, deliveries, &self.executing).await;
        self.ask(|answer| Unit::append(insert, answer)).await?
    }

    /// Appends events as [`append`](Self::append) does, all in the same commit. Each has a result of
    /// its own, in the order of `appends`: one that the database refuses does not keep the others
    /// out, unless a limit has a say in the runs of one of them.
    pub async fn append_all(
        &self,
        permit: &Permit<PublishEvents>,
        appends: Vec<Append>,
    ) -> Result<Vec<Result<Appended, StorageError>>, StorageError> {
        let workspace = permit.workspace();
        let mut prepared = Vec::with_capacity(appends.len());
        for mut append in appends {
            let deliveries = self.prepare(workspace, &mut append).await?;
            prepared.push((append, deliveries));
        }
        if prepared
            .iter()
            .any(|(append, _)| limited::concerns(&append.runs))
        {
            let appends = prepared
                .into_iter()
                .map(|(append, deliveries)| self.limited(append, deliveries))
                .collect();
            let appended = self
                .call_unscoped(move |call| Box::pin(limited::append_all(call, workspace, appends)))
                .await;
            self.look();
            return appended;
        }
        // What the executor reads for one run is not waited for with the others.
        let inserts = prepared.into_iter().map(|(append, deliveries)| {
            Insert::append(workspace, append, deliveries, &self.executing)
        });
        let (unit, answers) = Unit::append_all(join_all(inserts).await);
        let sent = self.queue.send(unit).await;
        sent.map_err(|_| StorageError::Closed)?;
        let mut results = Vec::with_capacity(answers.len());
        for answer in answers {
            results.push(answer.await.unwrap_or(Err(StorageError::Closed)));
        }
        Ok(results)
    }

    /// Appends an event that nobody gets but these.
    pub async fn append_to(
        &self,
        permit: &Permit<ManageWebhooks>,
        event: NewEvent,
        rows: Vec<NewDelivery>,
    ) -> Result<Appended, StorageError> {
        let append = Append {
            event,
            runs: Vec::new(),
        };
        let deliveries = self.addressed(rows);
        self.append_row(permit.workspace(), append, deliveries)
            .await
    }

    /// Adds what the event starts, and says where it goes.
    async fn prepare(
        &self,
        workspace: WorkspaceId,
        append: &mut Append,
    ) -> Result<Addressed, StorageError> {
        let runs = self.matching.runs(workspace, &append.event).await?;
        append.runs.extend(runs);
        let rows = self.matching.deliveries(workspace, &append.event).await?;
        Ok(self.addressed(rows))
    }

    fn addressed(&self, rows: Vec<NewDelivery>) -> Addressed {
        let courier = match rows.is_empty() {
            true => None,
            false => self.matching.courier(),
        };
        Addressed { rows, courier }
    }

    /// Has the courier claim what was written for anybody to claim. Were this not reached, it would look by itself a little later.
    fn look(&self) {
        if let Some(courier) = self.matching.courier() {
            courier.look();
        }
    }

    fn limited(&self, append: Append, deliveries: Addressed) -> limited::LimitedAppend {
        limited::LimitedAppend {
            groups: self.matching.groups(&append.runs),
            deliveries: deliveries.unclaimed(),
            append,
        }
    }

    /// Stores what was done about deliveries, for the worker that has claimed them. Returns those of which nothing was
    /// written, because somebody else has claimed them since.
    pub async fn record(&self, attempts: Vec<Attempted>) -> Result<Vec<DeliveryId>, StorageError> {
        self.ask(|answer| Unit::Attempts(attempts, answer)).await?
    }

    /// Claims deliveries that are due, with their events: not sent yet, to be sent again, or left behind by a worker whose
    /// lease ran out.
    pub async fn claim_deliveries(
        &self,
        claim: Claim,
    ) -> Result<Vec<ClaimedDelivery>, StorageError> {
        self.call_unscoped(|call| Box::pin(async move { deliveries::claim(call, &claim).await }))
            .await
    }

    /// Keeps all deliveries that `claim`'s owner has claimed for longer.
    pub async fn renew_deliveries(&self, claim: Claim) -> Result<(), StorageError> {
        self.call_unscoped(|call| Box::pin(async move { deliveries::renew(call, &claim).await }))
            .await
    }

    /// Starts a run that no event asked for.
    ///
    /// When the workspace already has a run with the same idempotency key, nothing is written and
    /// the answer names that run, with `duplicate` set.
    pub async fn start(
        &self,
        permit: &Permit<StartRuns>,
        start: Start,
    ) -> Result<Started, StorageError> {
        if start.run.concurrency.is_some() {
            let workspace = permit.workspace();
            let groups = self.matching.groups(std::slice::from_ref(&start.run));
            let group = groups.into_iter().next().flatten();
            return self
                .call_unscoped(move |call| Box::pin(limited::start(call, workspace, start, group)))
                .await;
        }
        let insert = Insert::start(permit.workspace(), start, &self.executing).await;
        self.ask(|answer| Unit::start(insert, answer)).await?
    }

    /// Stores how far a run has come, and its steps, for the worker that has claimed it.
    ///
    /// Returns the run with its new revision. Nothing is written when somebody else has claimed
    /// the run since.
    pub async fn advance(&self, advance: Advance) -> Result<Run, AdvanceError> {
        if limited::concerns_advance(&advance) {
            let groups = self.matching.groups(&advance.besides.runs);
            return self
                .call_unscoped(move |call| Box::pin(limited::advance(call, advance, groups)))
                .await;
        }
        self.ask(|answer| Unit::advance(advance, answer)).await?
    }

    /// Claims runs that are due: queued, woken, or left behind by a worker whose lease ran out.
    pub async fn claim(&self, claim: Claim) -> Result<Vec<Run>, StorageError> {
        self.call_unscoped(|call| Box::pin(async move { claim::claim(call, &claim).await }))
            .await
    }

    /// Keeps claimed runs for longer. Returns those that are still held: the others were claimed
    /// by somebody else since, and their workers must stop.
    pub async fn renew(
        &self,
        claim: Claim,
        runs: Vec<(RunId, i64)>,
    ) -> Result<Vec<RunId>, StorageError> {
        self.call_unscoped(|call| Box::pin(async move { claim::renew(call, &claim, &runs).await }))
            .await
    }

    /// Does one of the rare writes, such as saving a workflow: `work` runs inside a transaction and
    /// is undone when it fails.
    ///
    /// ```ignore
    /// writer.call(&permit, |call| Box::pin(async move {
    ///     workflow.revision = call.next_position();
    ///     …insert(…).exec(call.db()).await?;
    ///     Ok(workflow)
    /// })).await
    /// ```
    ///
    /// What the permit's holder changes with it is recorded with [`Call::updated`] and its like.
    pub async fn call<P, T, E, F>(&self, permit: &Permit<P>, work: F) -> Result<T, E>
    where
        P: WritePermission,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a> FnOnce(&'a Call) -> CallFuture<'a, T, E> + Send + 'static,
    {
        let origin = Origin {
            workspace: permit.workspace(),
            actor: permit.actor().clone(),
        };
        self.call_as(origin, work).await
    }

    /// The same for somebody who has no permit yet, and has proved who they are otherwise.
    pub(crate) async fn call_as<T, E, F>(&self, origin: Origin, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a> FnOnce(&'a Call) -> CallFuture<'a, T, E> + Send + 'static,
    {
        self.ask(|answer| Unit::call(Some(origin), work, answer))
            .await?
    }

    /// The same for the server's own work in no workspace, or in all.
    pub(crate) async fn call_unscoped<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a> FnOnce(&'a Call) -> CallFuture<'a, T, E> + Send + 'static,
    {
        self.ask(|answer| Unit::call(None, work, answer)).await?
    }

    /// Has SQLite give some free pages back, and empty its write-ahead log.
    pub(crate) async fn shrink(&self) -> Result<(), StorageError> {
        self.ask(Unit::Shrink).await?
    }

    /// Commits what is queued and ends the task. Later units are refused.
    pub(crate) async fn close(&self) {
        // When the task is gone already there is nothing left to wait for.
        let _ = self.ask(Unit::Close).await;
    }

    async fn ask<T>(
        &self,
        unit: impl FnOnce(oneshot::Sender<T>) -> Unit,
    ) -> Result<T, StorageError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.queue.send(unit(answer)).await;
        sent.map_err(|_| StorageError::Closed)?;
        answered.await.map_err(|_| StorageError::Closed)
    }
}
