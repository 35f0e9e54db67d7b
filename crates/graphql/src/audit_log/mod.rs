//! Who has changed what.

mod actor;
mod list;

use async_graphql::{ID, Object};
use jackfield_storage::audit_log;
use jackfield_storage::page::{Cursor, Keyed};

use crate::scalars::{DateTime, JsonScalar};
pub use actor::{AuditActor, with_names};
pub use list::ListAuditLog;

/// One change, and who has made it.
#[derive(Clone)]
pub struct AuditEntry {
    row: audit_log::AuditEntry,
    actor: AuditActor,
}

impl Keyed for AuditEntry {
    fn cursor(&self) -> Cursor {
        self.row.cursor()
    }
}

/// One change, and who has made it.
#[Object]
impl AuditEntry {
    /// The entry's id.
    pub async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// When it was committed.
    async fn at(&self) -> DateTime {
        self.row.at.into()
    }

    /// Who did it.
    async fn actor(&self) -> &AuditActor {
        &self.actor
    }

    /// What they did: `created`, `updated`, `deleted`, or a better word such as `published`.
    async fn action(&self) -> &str {
        &self.row.action
    }

    /// To what kind of thing, such as `workflow`.
    async fn entity_type(&self) -> &str {
        &self.row.entity
    }

    /// To which.
    async fn entity_id(&self) -> ID {
        self.row.entity_id.clone().into()
    }

    /// What may be seen of it as it was; null when it was made. Nothing secret is in it.
    async fn before(&self) -> Option<JsonScalar> {
        self.row.before.clone().map(JsonScalar)
    }

    /// The same as it is since then; null when it is gone.
    async fn after(&self) -> Option<JsonScalar> {
        self.row.after.clone().map(JsonScalar)
    }
}
