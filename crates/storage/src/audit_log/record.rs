use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde_json::Value;

use super::{AuditEntry, Audited, Entity};
use crate::{Clock, Json, StorageError, Timestamp, access::Actor, ids::WorkspaceId};

/// How many entries one statement writes; SQLite binds 32,766 values in one.
const BATCH: usize = 1_000;

/// On whose behalf a call is made, and where.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub workspace: WorkspaceId,
    pub actor: Actor,
}

/// An entry without what its call knows.
#[derive(Debug)]
pub(crate) struct Record {
    action: &'static str,
    entity: &'static str,
    entity_id: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Record {
    /// What was done to something; it is known before, after, or both.
    pub fn new<A: Audited>(action: &'static str, before: Option<&A>, after: Option<&A>) -> Self {
        let id = after.or(before).map(A::audit_id);
        Self {
            action,
            entity: A::ENTITY,
            entity_id: id.unwrap_or_default(),
            before: before.map(A::audit),
            after: after.map(A::audit),
        }
    }

    fn entry(self, origin: &Origin, clock: &Clock, at: Timestamp) -> AuditEntry {
        AuditEntry {
            id: clock.id(),
            workspace_id: origin.workspace,
            actor: origin.actor.to_string(),
            action: self.action.to_owned(),
            entity: self.entity.to_owned(),
            entity_id: self.entity_id,
            before: self.before.map(Json::from),
            after: self.after.map(Json::from),
            at,
        }
    }
}

/// Writes what a call has recorded into its transaction.
pub(crate) async fn write(
    db: &DatabaseTransaction,
    origin: &Origin,
    records: Vec<Record>,
    (clock, at): (&Clock, Timestamp),
) -> Result<(), StorageError> {
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let batch = records.by_ref().take(BATCH);
        let rows = batch.map(|record| record.entry(origin, clock, at).into_active_model());
        Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}
