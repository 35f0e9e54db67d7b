//! Workspaces: the tenants.

mod create;
mod find;
mod update;

pub use create::{CreateWorkspaceError, NewWorkspace, create};
pub use find::{find, find_by_name, of_memberships};
pub use update::{Rules, update};

use sea_orm::entity::prelude::*;

use crate::{Timestamp, ids::WorkspaceId, text_enum::text_enum};

text_enum! {
    /// What happens to a published event whose data does not match the schema of its type.
    pub enum SchemaMismatch {
        /// It is refused.
        Reject => "REJECT",
        /// It is stored, and its publisher is warned.
        Warn => "WARN",
        /// It is stored; nothing is checked.
        Ignore => "IGNORE",
    }
}

text_enum! {
    /// What happens to a published event whose type is not in the catalogue, or is archived there.
    pub enum UnknownEventTypes {
        /// It is stored.
        Accept => "ACCEPT",
        /// It is stored, and its publisher is warned.
        Warn => "WARN",
        /// It is refused.
        Reject => "REJECT",
    }
}

/// A tenant: whatever else is stored belongs to exactly one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    /// What people call it; unique on this server.
    pub name: String,
    pub created_at: Timestamp,
    /// What happens to data that does not match its type's schema.
    pub schema_mismatch: SchemaMismatch,
    /// What happens to events of types that are not in the catalogue.
    pub unknown_event_types: UnknownEventTypes,
    /// How many days an event is kept; as the server has it when absent.
    pub keep_events_days: Option<i32>,
    /// How many days a delivery is kept with its attempts; as long as an event when absent.
    pub keep_deliveries_days: Option<i32>,
    /// The log position of the last change; 0 when there was none since it was made.
    pub revision: i64,
}

/// A tenant as it is stored.
pub type Workspace = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
