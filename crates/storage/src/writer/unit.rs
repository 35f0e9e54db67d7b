//! What callers hand to the writer.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{
    CallFuture,
    besides::Besides,
    call::{Call, Work, work},
    courier::{Addressed, Attempted, Courier},
    executor::{Begun, Executing},
    insert_answer::InsertAnswer,
};
use crate::{
    Channels, Json, StorageError, Timestamp,
    audit_log::Origin,
    blob::Blob,
    credential_use::CredentialUse,
    delivery::Delivery,
    event::Event,
    ids::{
        ConnectedAppId, DeliveryId, EventId, InboundHookId, RunId, StepId, WorkflowId,
        WorkflowVersionId, WorkspaceId,
    },
    run::{Beginning, Concurrency, Priority, Run, RunStatus},
    step::Step,
    trigger::Trigger,
};

/// An event that is to be appended.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// From [`Clock::id`](crate::Clock::id), so that the runs' input can name it.
    pub id: EventId,
    /// What happened, such as `payment_intent.succeeded`; 1 to 200 characters.
    pub event_type: String,
    /// Who said so, such as `stripe` or `api`.
    pub source: String,
    /// The event's data.
    pub data: Json,
    /// The address at which it arrived.
    pub hook_id: Option<InboundHookId>,
    /// The same key again in the same workspace is the same event.
    pub dedupe_key: Option<String>,
    /// When it happened, as its source says.
    pub occurred_at: Timestamp,
    /// The media type of a payload that is not JSON; see [`Event::data`] for what it looks like.
    pub content_type: Option<String>,
    /// SHA-256 of what is said under the dedupe key, to tell a repeat from a mistake.
    pub dedupe_hash: Option<Vec<u8>>,
    /// For whom it is, among the endpoints that name channels.
    pub channels: Channels,
    /// The connected app whose hook it came to.
    pub app_id: Option<ConnectedAppId>,
    /// The request that brought it; see [`KeptRequest`](crate::inbound_request::KeptRequest).
    pub request: Option<Json>,
}

/// A run that is to be started.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// From [`Clock::id`](crate::Clock::id).
    pub id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// The version that it follows to its end.
    pub workflow_version_id: WorkflowVersionId,
    /// The key of the trigger node at which it starts.
    pub trigger_key: String,
    /// What expressions see as `trigger`.
    pub input: Json,
    /// Which run starts it, if one does.
    pub parent: Option<Parent>,
    /// Claims the run in the same commit, so that its node goes on at once without a second one.
    /// If that node dies, the lease ends and any node claims the run as if it had been queued.
    pub lease: Option<Lease>,
    /// Which of several that are due is claimed first.
    pub priority: Priority,
    /// How many runs of the workflow may be under way, if that is limited.
    pub concurrency: Option<Concurrency>,
}

/// What a new run's row says besides what the run itself does.
pub(super) struct Placed {
    pub workspace: WorkspaceId,
    pub event_id: Option<EventId>,
    pub idempotency_key: Option<String>,
}

impl Placed {
    /// A run that no event and no key belongs to.
    pub fn in_workspace(workspace: WorkspaceId) -> Self {
        Self {
            workspace,
            event_id: None,
            idempotency_key: None,
        }
    }
}

/// Which run starts another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The run.
    pub run_id: RunId,
    /// Its step that waits for the new run; none when nobody waits.
    pub step_id: Option<StepId>,
    /// How many runs are above the new one.
    pub depth: i32,
}

/// Who works on a run or a delivery, and until when nobody else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The name of the process.
    pub owner: String,
    /// From when on others may claim it.
    pub until: Timestamp,
}

/// An event with the runs that it starts.
#[derive(Clone, Debug)]
pub struct Append {
    /// The event.
    pub event: NewEvent,
    /// One for each trigger that matched.
    pub runs: Vec<NewRun>,
}

/// What became of an [`Append`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The event, or the earlier one with the same dedupe key.
    pub event_id: EventId,
    /// That event's place in the log.
    pub position: i64,
    /// The event as it was stored; absent for a duplicate.
    pub event: Option<Arc<Event>>,
    /// For a duplicate: the hash that came with the earlier event's dedupe key.
    pub dedupe_hash: Option<Vec<u8>>,
    /// The runs as they were stored, in the order in which they were given; none for a duplicate.
    pub runs: Vec<Run>,
    /// Whether nothing was written because the event was there already.
    pub duplicate: bool,
}

/// A run that no event asked for.
#[derive(Clone, Debug)]
pub struct Start {
    /// The run.
    pub run: NewRun,
    /// The same key again in the same workspace is the same run.
    pub idempotency_key: Option<String>,
}

/// What became of a [`Start`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The run, or the earlier one with the same idempotency key.
    pub run_id: RunId,
    /// The run as it was stored; absent for a duplicate.
    pub run: Option<Run>,
    /// Whether nothing was written because the run was there already.
    pub duplicate: bool,
}

/// How far a claimed run has come.
#[derive(Clone, Debug)]
pub struct Advance {
    /// The run as it shall be. Status, output, error, lease, due and finishing time are written if
    /// its `fence` is still that of the row; see [`Run::finish`], [`Run::wait`], [`Run::release`].
    pub run: Run,
    /// Steps that are new or have changed, whole.
    pub steps: Vec<Step>,
    /// New blobs that the steps refer to.
    pub blobs: Vec<Blob>,
    /// Uses of credentials that are new or of which more is known, each once.
    pub uses: Vec<CredentialUse>,
    /// What is rarely written with it.
    pub besides: Besides,
}

/// Why an [`Advance`] was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AdvanceError {
    /// The lease ran out and somebody else claimed the run, or it was cancelled: stop working on it.
    #[error("the run was claimed by another worker")]
    FenceLost,
    /// The database refused or failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

pub(super) type Answer<T> = oneshot::Sender<T>;

/// One entry of the queue.
pub(super) enum Unit {
    Insert(Box<Insert>, InsertAnswer),
    /// Rows of one caller that belong into one commit, each with an answer of its own.
    Inserts(Vec<(Box<Insert>, InsertAnswer)>),
    Advance(Box<Advance>, Answer<Result<Run, AdvanceError>>),
    Attempts(
        Vec<Attempted>,
        Answer<Result<Vec<DeliveryId>, StorageError>>,
    ),
    Call(Box<dyn Work>),
    Shrink(Answer<Result<(), StorageError>>),
    Close(Answer<()>),
}

/// Rows that are new: an event with its deliveries, runs, or both. Positions and times are filled in by the batch.
pub(super) struct Insert {
    pub event: Option<Event>,
    pub deliveries: Vec<Delivery>,
    /// Who is told of the deliveries.
    pub courier: Option<Arc<dyn Courier>>,
    pub runs: Vec<Run>,
    pub begun: Begun,
}

impl Unit {
    pub fn append(insert: Insert, answer: Answer<Result<Appended, StorageError>>) -> Self {
        Self::Insert(Box::new(insert), InsertAnswer::Append(answer))
    }

    /// The answers come in the order of `inserts`.
    pub fn append_all(
        inserts: Vec<Insert>,
    ) -> (Self, Vec<oneshot::Receiver<Result<Appended, StorageError>>>) {
        let (inserts, answers) = inserts
            .into_iter()
            .map(|insert| {
                let (answer, answered) = oneshot::channel();
                let unit = (Box::new(insert), InsertAnswer::Append(answer));
                (unit, answered)
            })
            .unzip();
        (Self::Inserts(inserts), answers)
    }

    pub fn start(insert: Insert, answer: Answer<Result<Started, StorageError>>) -> Self {
        Self::Insert(Box::new(insert), InsertAnswer::Start(answer))
    }

    pub fn advance(advance: Advance, answer: Answer<Result<Run, AdvanceError>>) -> Self {
        Self::Advance(Box::new(advance), answer)
    }

    pub fn call<T, E, F>(origin: Option<Origin>, closure: F, answer: Answer<Result<T, E>>) -> Self
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a> FnOnce(&'a Call) -> CallFuture<'a, T, E> + Send + 'static,
    {
        Self::Call(work(origin, closure, answer))
    }
}

impl Insert {
    pub async fn append(
        workspace: WorkspaceId,
        append: Append,
        mut deliveries: Addressed,
        executing: &Executing,
    ) -> Self {
        let event_id = append.event.id;
        let runs = append.runs.into_iter();
        let mut runs: Vec<Run> = runs
            .map(|run| {
                run.into_row(Placed {
                    event_id: Some(event_id),
                    ..Placed::in_workspace(workspace)
                })
            })
            .collect();
        Self {
            begun: executing.begin(&mut runs).await,
            runs,
            deliveries: deliveries.take_rows(workspace, event_id),
            courier: deliveries.courier,
            event: Some(append.event.into_row(workspace)),
        }
    }

    pub async fn start(workspace: WorkspaceId, start: Start, executing: &Executing) -> Self {
        let mut runs = vec![start.run.into_row(Placed {
            idempotency_key: start.idempotency_key,
            ..Placed::in_workspace(workspace)
        })];
        Self {
            event: None,
            deliveries: Vec::new(),
            courier: None,
            begun: executing.begin(&mut runs).await,
            runs,
        }
    }
}

impl NewEvent {
    pub(super) fn into_row(self, workspace_id: WorkspaceId) -> Event {
        Event {
            id: self.id,
            workspace_id,
            position: 0,
            event_type: self.event_type,
            source: self.source,
            data: self.data,
            hook_id: self.hook_id,
            dedupe_key: self.dedupe_key,
            occurred_at: self.occurred_at,
            created_at: Timestamp::EPOCH,
            content_type: self.content_type,
            dedupe_hash: self.dedupe_hash,
            channels: self.channels,
            request: self.request,
        }
    }
}

impl Advance {
    /// Takes in what the database knows of what happened to the run.
    pub(super) fn take_signal(&mut self) {
        let signal = self.besides.signal();
        if self.run.status == RunStatus::Waiting && self.run.signal != signal {
            self.run.due_at = Some(Timestamp::EPOCH);
        }
        self.run.signal = signal;
    }
}

impl NewRun {
    /// A run that `trigger` starts.
    pub fn of(trigger: &Trigger, id: RunId, input: Json) -> Self {
        Self {
            id,
            workflow_id: trigger.workflow_id,
            workflow_version_id: trigger.workflow_version_id,
            trigger_key: trigger.node_key.clone(),
            input,
            parent: None,
            lease: None,
            priority: trigger.priority,
            concurrency: trigger.concurrency(),
        }
    }

    pub(super) fn into_row(self, placed: Placed) -> Run {
        let Placed {
            workspace: workspace_id,
            event_id,
            idempotency_key,
        } = placed;
        let beginning = Beginning {
            id: self.id,
            workspace_id,
            workflow_id: self.workflow_id,
            workflow_version_id: self.workflow_version_id,
            trigger_key: self.trigger_key,
            input: self.input,
        };
        // The writer knows when the run is written, and so from when on it is due.
        let mut run = Run {
            event_id,
            idempotency_key,
            due_at: None,
            parent_run_id: self.parent.as_ref().map(|parent| parent.run_id),
            parent_step_id: self.parent.as_ref().and_then(|parent| parent.step_id),
            depth: self.parent.map_or(0, |parent| parent.depth),
            priority: self.priority,
            ..Run::queued(beginning, Timestamp::EPOCH)
        };
        if let Some(lease) = self.lease {
            run.status = RunStatus::Running;
            run.fence = 1;
            run.lease_owner = Some(lease.owner);
            run.due_at = Some(lease.until);
        }
        run
    }
}
