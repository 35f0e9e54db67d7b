//! The open database.

mod error;
mod lock;
mod open;

use std::{sync::Arc, time::Duration};

use sea_orm::{EntityTrait, IntoActiveModel, sea_query::OnConflict};
use tokio::sync::{broadcast, watch};

pub use error::OpenError;
pub(crate) use lock::Lock;
pub(crate) use open::last_position;

use crate::{
    Change, Changes, Clock, Courier, Reader, StorageError, Writer,
    changes::Order,
    workspace::{self, Workspace},
    writer::{Executing, Executor, Matcher, Matching, Session},
};

/// How many batches a follower may be behind before it has to read from the database.
const CHANGES_KEPT: usize = 1_024;

/// Where the database is.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub url: String,
    /// The most connections that read at the same time.
    pub readers: u32,
    /// How long to wait for PostgreSQL to answer.
    pub connect_timeout: Duration,
}

impl StoreConfig {
    /// The database at `url`, with the defaults for everything else.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: 8,
            connect_timeout: Duration::from_secs(10),
        }
    }
}

/// The open database. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    reader: Reader,
    writer: Writer,
    clock: Clock,
    changes: broadcast::Sender<Arc<[Change]>>,
    node: String,
    matching: Matching,
    executing: Executing,
}

impl Store {
    /// Opens the database, creates what is missing, and starts the writer.
    ///
    /// A SQLite database is locked until the store is closed or the process ends, so that a second
    /// server on the same file is refused. Must be called within a tokio runtime.
    pub async fn open(config: StoreConfig, clock: Clock) -> Result<Self, OpenError> {
        let mut name = [0; 8];
        // Never that of another process, also where a test gives all of them the same clock.
        Clock::system().random(&mut name);
        let node = format!("{:016x}", u64::from_le_bytes(name));
        let opened = open::open(&config, &node).await?;
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let session = Session {
            db: opened.writer,
            direct: opened.direct,
            head: opened.head,
            lock: opened.lock,
            clock: clock.clone(),
            node: node.clone(),
            listener: opened.listener,
        };
        let (matching, executing) = (Matching::default(), Executing::default());
        let order = Order::new(changes.clone(), matching.clone(), opened.heard, opened.head);
        let writer = Writer::spawn(session, order, matching.clone(), executing.clone())
            .map_err(OpenError::NoThread)?;
        Ok(Self(Arc::new(Inner {
            reader: Reader::new(opened.reader, opened.reading),
            writer,
            clock,
            changes,
            node,
            matching,
            executing,
        })))
    }

    /// The name of this process among those that work on the database, new each time that the
    /// store is opened.
    pub fn node(&self) -> &str {
        &self.0.node
    }

    /// A connection for reading. Finders take it.
    pub fn reader(&self) -> &Reader {
        &self.0.reader
    }

    /// The only way to write.
    pub fn writer(&self) -> &Writer {
        &self.0.writer
    }

    /// The clock that stamps what is written.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// From now on `matcher` says which runs an event starts besides those that come with it.
    pub fn match_events(&self, matcher: Arc<dyn Matcher>) {
        self.0.matching.set(matcher);
    }

    /// A number that grows whenever a workflow may have changed, been published or withdrawn, here or
    /// on another node. What is made of workflows and kept is out of date as soon as it has grown.
    pub fn workflow_changes(&self) -> u64 {
        self.0.matching.workflows()
    }

    /// Grows whenever a type of events or the rules of a workspace may have changed, here or on
    /// another node: what was read of them before it had this value is out of date.
    pub fn event_type_changes(&self) -> u64 {
        self.0.matching.event_types()
    }

    /// From now on `courier` says to which endpoints an event goes, and takes it there.
    pub fn deliver_events(&self, courier: Arc<dyn Courier>) {
        self.0.matching.set_courier(courier);
    }

    /// Grows whenever a webhook endpoint may have changed; see [`Courier::address`].
    pub fn endpoint_version(&self) -> u64 {
        self.0.matching.endpoints()
    }

    /// Grows whenever what an API key or a user may do has changed or ended, here or on another node: what was read of them
    /// before it had this value is out of date.
    pub fn access_changes(&self) -> watch::Receiver<u64> {
        self.0.matching.access()
    }

    /// Grows whenever a variable may have been set or deleted, here or on another node: what was read of them before it had
    /// this value is out of date.
    pub fn variable_changes(&self) -> u64 {
        self.0.matching.variables()
    }

    /// Grows whenever a message template may have changed, here or on another node: what was read of them before it had this value
    /// is out of date.
    pub fn message_template_changes(&self) -> u64 {
        self.0.matching.message_templates()
    }

    /// Grows whenever a hook, or the workflow or connected app that it belongs to, may have changed, here or on another node:
    /// what was read of them before it had this value is out of date.
    pub fn hook_changes(&self) -> u64 {
        self.0.matching.hooks()
    }

    /// From now on `executor` is asked before a run is written whether it takes the run on.
    pub fn execute_runs(&self, executor: Arc<dyn Executor>) {
        self.0.executing.set(executor);
    }

    /// Follows what is committed from now on, here and on other nodes.
    pub fn changes(&self) -> Changes {
        self.0.changes.subscribe()
    }

    /// The last log position that was given out. Rows up to it are consistent with each other:
    /// whatever was committed later has a higher position, and [`changes`](Self::changes) tells it.
    pub async fn head(&self) -> Result<i64, StorageError> {
        Ok(last_position(self.reader()).await?)
    }

    /// Whether the database can be read and written right now.
    pub async fn check(&self) -> Result<(), StorageError> {
        self.head().await?;
        self.writer()
            .call_unscoped(|_| Box::pin(async { Ok(()) }))
            .await
    }

    /// The workspace `default`, made when it is missing; tells whether it was made now.
    pub async fn ensure_default_workspace(&self) -> Result<(Workspace, bool), StorageError> {
        const NAME: &str = "default";
        if let Some(workspace) = workspace::find_by_name(self.reader(), NAME).await? {
            return Ok((workspace, false));
        }
        let (id, now) = (self.clock().id(), self.clock().now());
        let workspace = Workspace::new(id, NAME.to_owned(), now);
        self.writer()
            .call_unscoped(|call| {
                Box::pin(async move {
                    let id = workspace.id;
                    workspace::Entity::insert(workspace.into_active_model())
                        .on_conflict(
                            OnConflict::column(workspace::Column::Name)
                                .do_nothing()
                                .to_owned(),
                        )
                        .try_insert()
                        .exec_without_returning(call.db())
                        .await?;
                    let stored = workspace::find_by_name(call.db(), NAME).await?;
                    let stored = stored.ok_or_else(|| {
                        sea_orm::DbErr::RecordNotFound(format!("workspace {NAME}"))
                    })?;
                    let made = stored.id == id;
                    Ok::<_, StorageError>((stored, made))
                })
            })
            .await
    }

    /// Commits what is queued, then closes all connections and gives up the lock. Writes that come
    /// later are refused.
    pub async fn close(&self) {
        self.0.writer.close().await;
        if let Err(error) = self.0.reader.close().await {
            tracing::warn!(%error, "closing the database failed");
        }
    }
}
