//! Rows as values, in the order of their statements' columns.

use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbErr, Value, sea_query::Nullable};

use super::statement::Rows;
use crate::{
    Json,
    blob::Blob,
    credential_use::CredentialUse,
    event::Event,
    ids::WorkspaceId,
    payload::{self, Documents, LARGE, Owner, Taken},
    run::Run,
    step::Step,
    turn::StepTurn,
};

/// Something that is written as one row.
pub(super) trait Row: Send + Sync {
    /// Appends the row's values.
    fn values(&self, writing: &Writing, values: &mut Vec<Value>);
}

/// What the rows of one transaction are written with.
#[derive(Default)]
pub(super) struct Writing {
    /// What their positions count from.
    pub base: i64,
    /// What is taken out of their documents.
    taken: Mutex<Taken>,
}

impl Writing {
    pub fn new(base: i64) -> Self {
        Self {
            base,
            taken: Mutex::default(),
        }
    }

    /// A document as it is stored.
    fn document(&self, owner: (WorkspaceId, Owner), json: &Json) -> Value {
        if json.as_str().len() < LARGE {
            return json.clone().into();
        }
        self.taken.lock().take_from(owner, json).into()
    }

    fn optional(&self, owner: (WorkspaceId, Owner), json: Option<&Json>) -> Value {
        match json {
            Some(json) => self.document(owner, json),
            None => <Json as Nullable>::null(),
        }
    }

    /// Whether something was taken out of documents, which [`finish`](Self::finish) has to write.
    pub fn is_unfinished(&self) -> bool {
        !self.taken.lock().is_empty()
    }

    /// Writes what was taken out of documents.
    pub async fn finish<C: ConnectionTrait>(&self, db: &C) -> Result<(), DbErr> {
        let taken = std::mem::take(&mut *self.taken.lock());
        payload::store(db, taken).await
    }
}

pub(super) static EVENTS: Rows = Rows {
    before: "INSERT INTO events (id, workspace_id, position, type, source, data, hook_id, \
             dedupe_key, occurred_at, created_at, content_type, dedupe_hash, channels, request) ",
    columns: 14,
    after: "",
};

impl Row for Event {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        values.extend([
            self.id.into(),
            self.workspace_id.into(),
            (writing.base + self.position).into(),
            self.event_type.clone().into(),
            self.source.clone().into(),
            writing.document(self.owner(), &self.data),
            self.hook_id.into(),
            self.dedupe_key.clone().into(),
            self.occurred_at.into(),
            self.created_at.into(),
            self.content_type.clone().into(),
            self.dedupe_hash.clone().into(),
            self.channels.stored().into(),
            writing.optional(self.owner(), self.request.as_ref()),
        ]);
    }
}

pub(super) static RUNS: Rows = Rows {
    before: "INSERT INTO runs (id, workspace_id, workflow_id, workflow_version_id, event_id, \
             trigger_key, idempotency_key, status, input, output, error, created_at, started_at, \
             finished_at, due_at, lease_owner, fence, revision, parent_run_id, parent_step_id, \
             depth, priority) ",
    columns: 22,
    after: "",
};

impl Row for Run {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        values.extend([
            self.id.into(),
            self.workspace_id.into(),
            self.workflow_id.into(),
            self.workflow_version_id.into(),
            self.event_id.into(),
            self.trigger_key.clone().into(),
            self.idempotency_key.clone().into(),
            self.status.into(),
            writing.document(self.owner(), &self.input),
            writing.optional(self.owner(), self.output.as_ref()),
            writing.optional(self.owner(), self.error.as_ref()),
            self.created_at.into(),
            self.started_at.into(),
            self.finished_at.into(),
            self.due_at.into(),
            self.lease_owner.clone().into(),
            self.fence.into(),
            (writing.base + self.revision).into(),
            self.parent_run_id.into(),
            self.parent_step_id.into(),
            self.depth.into(),
            self.priority.into(),
        ]);
    }
}

/// A run that moves on under the fence that it has.
pub(super) struct Advanced<'r>(pub &'r Run);

impl Row for Advanced<'_> {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        progress(self.0, self.0.fence, writing, values);
    }
}

/// A run that has just got its next fence.
pub(super) struct Claimed<'r>(pub &'r Run);

impl Row for Claimed<'_> {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        progress(self.0, self.0.fence - 1, writing, values);
    }
}

fn progress(run: &Run, expected: i64, writing: &Writing, values: &mut Vec<Value>) {
    values.extend([
        run.id.into(),
        expected.into(),
        run.status.into(),
        writing.optional(run.owner(), run.output.as_ref()),
        writing.optional(run.owner(), run.error.as_ref()),
        run.started_at.into(),
        run.finished_at.into(),
        run.due_at.into(),
        run.lease_owner.clone().into(),
        run.fence.into(),
        (writing.base + run.revision).into(),
        run.signal.into(),
        run.recoveries.into(),
    ]);
}

pub(super) static STEPS: Rows = Rows {
    before: "INSERT INTO steps (id, workspace_id, run_id, node_key, status, attempt, input, output, \
             error, port, created_at, started_at, finished_at, wake_at, revision, item_path, \
             plugin_sha256, pinned, turn_of, warnings, connected_app_id) ",
    columns: 21,
    after: " ON CONFLICT (id) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, \
            input = excluded.input, output = excluded.output, error = excluded.error, \
            port = excluded.port, started_at = excluded.started_at, \
            finished_at = excluded.finished_at, wake_at = excluded.wake_at, \
            revision = excluded.revision, plugin_sha256 = excluded.plugin_sha256, \
            pinned = excluded.pinned, turn_of = excluded.turn_of, \
            warnings = excluded.warnings, connected_app_id = excluded.connected_app_id",
};

impl Row for Step {
    fn values(&self, writing: &Writing, values: &mut Vec<Value>) {
        values.extend([
            self.id.into(),
            self.workspace_id.into(),
            self.run_id.into(),
            self.node_key.clone().into(),
            self.status.into(),
            self.attempt.into(),
            writing.optional(self.owner(), self.input.as_ref()),
            writing.optional(self.owner(), self.output.as_ref()),
            writing.optional(self.owner(), self.error.as_ref()),
            self.port.clone().into(),
            self.created_at.into(),
            self.started_at.into(),
            self.finished_at.into(),
            self.wake_at.into(),
            (writing.base + self.revision).into(),
            self.item_path.clone().into(),
            self.plugin_sha256.clone().into(),
            self.pinned.into(),
            self.turn_of.into(),
            self.warnings
                .as_ref()
                .map(|json| json.as_str().to_owned())
                .into(),
            self.connected_app_id.into(),
        ]);
    }
}

pub(super) static TURNS: Rows = Rows {
    before: "INSERT INTO turns (step_id, number, workspace_id, run_id, asked, frame) ",
    columns: 6,
    after: "",
};

impl Row for StepTurn {
    fn values(&self, _: &Writing, values: &mut Vec<Value>) {
        values.extend([
            self.step_id.into(),
            self.number.into(),
            self.workspace_id.into(),
            self.run_id.into(),
            self.asked.clone().into(),
            self.frame.clone().into(),
        ]);
    }
}

pub(super) static BLOBS: Rows = Rows {
    before: "INSERT INTO blobs (id, workspace_id, run_id, content_type, size, sha256, data, \
             created_at) ",
    columns: 8,
    after: "",
};

impl Row for Blob {
    fn values(&self, _: &Writing, values: &mut Vec<Value>) {
        values.extend([
            self.id.into(),
            self.workspace_id.into(),
            self.run_id.into(),
            self.content_type.clone().into(),
            self.size.into(),
            self.sha256.clone().into(),
            self.data.clone().into(),
            self.created_at.into(),
        ]);
    }
}

pub(super) static USES: Rows = Rows {
    before: "INSERT INTO credential_uses (id, workspace_id, app_id, purpose, workflow_id, run_id, \
             node_key, item_path, attempt, at, hosts, requests, reads) ",
    columns: 13,
    after: " ON CONFLICT (id) DO UPDATE SET hosts = excluded.hosts, requests = excluded.requests, \
            reads = excluded.reads",
};

impl Row for CredentialUse {
    fn values(&self, _: &Writing, values: &mut Vec<Value>) {
        let hosts = self.hosts.as_ref();
        values.extend([
            self.id.into(),
            self.workspace_id.into(),
            self.app_id.into(),
            self.purpose.into(),
            self.workflow_id.into(),
            self.run_id.into(),
            self.node_key.clone().into(),
            self.item_path.clone().into(),
            self.attempt.into(),
            self.at.into(),
            hosts.map(|hosts| hosts.as_str().to_owned()).into(),
            self.requests.into(),
            self.reads.into(),
        ]);
    }
}
