//! Who has changed what: one entry for each effect of a change, committed with it.
//!
//! Whatever can be changed implements [`Audited`]: what may be seen of it, with nothing secret in it. Where it is changed, in
//! a [`Writer::call`](crate::Writer::call), one line says so: [`Call::created`](crate::Call::created),
//! [`updated`](crate::Call::updated), [`deleted`](crate::Call::deleted) or [`did`](crate::Call::did). Who did it and where is
//! known from the permit of the call.

mod audited;
mod find;
mod record;

pub use audited::Audited;
pub use find::{AuditFilter, count, find, list};
pub(crate) use record::{Origin, Record, write};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{AuditEntryId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEntryId,
    pub workspace_id: WorkspaceId,
    /// Who did it: an [`Actor`](crate::access::Actor) as text.
    pub actor: String,
    /// What they did, such as `updated`.
    pub action: String,
    /// To what kind of thing, such as `workflow`.
    pub entity: String,
    /// To which.
    pub entity_id: String,
    /// What may be seen of it as it was; absent when it was made.
    pub before: Option<Json>,
    /// The same as it is since then; absent when it is gone.
    pub after: Option<Json>,
    pub at: Timestamp,
}

/// One change as it is stored.
pub type AuditEntry = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
