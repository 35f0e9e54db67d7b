//! Traces of refused and repeated webhooks, so that somebody who sets one up sees what went wrong.

mod find;

pub use find::{TraceFilter, counts, find, pages, record};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    hook_health::Verdict,
    ids::{EventId, InboundHookId, RejectionId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// One request that brought no event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rejections")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RejectionId,
    pub workspace_id: WorkspaceId,
    pub hook_id: InboundHookId,
    /// A stable code, such as `BAD_SIGNATURE`.
    pub reason: String,
    /// A sentence for people, without secrets.
    pub detail: String,
    /// The length of the request's body in bytes.
    pub size: i64,
    pub received_at: Timestamp,
    /// Why it brought none.
    pub verdict: Verdict,
    /// The status that it was answered with; not known of old traces.
    pub status: Option<i32>,
    /// The event that it repeats.
    pub event_id: Option<EventId>,
}

/// A trace as it is stored.
pub type Rejection = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
