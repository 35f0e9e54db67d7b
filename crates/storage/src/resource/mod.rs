//! Resources: what an account at a provider has and nodes refer to, such as the addresses that mail is sent from.

mod default;
mod delete;
mod find;
mod write;

pub use default::{inherit_default, set_default};
pub use delete::{delete, delete_of_app};
pub use find::{
    ResourceFilter, changes_after, count, find, find_deleted_too, find_many, list, of_apps,
    of_type, usable_defaults, wanted,
};
pub use write::{insert, update};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{ConnectedAppId, ResourceId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// What the provider says of a resource.
    pub enum ResourceStatus {
        /// It may be used.
        Verified => "VERIFIED",
        /// It has not decided yet, or could not be asked.
        Pending => "PENDING",
        /// It may not be used.
        Unverified => "UNVERIFIED",
    }
}

/// What an account has and nodes refer to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resources")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ResourceId,
    pub workspace_id: WorkspaceId,
    /// The connected app whose it is.
    pub app_id: ConnectedAppId,
    /// The provider of that app.
    pub provider: String,
    /// A resource type of the provider, such as `sender_email`.
    pub resource_type: String,
    /// What the provider calls it; no two of an app and type have the same.
    pub value: String,
    /// What people call it.
    pub label: Option<String>,
    /// Whether it is used when nothing else is said: at most one of an app and type.
    pub is_default: bool,
    pub status: ResourceStatus,
    /// What is missing, or why the provider could not be asked.
    pub message: Option<String>,
    /// Since when the provider says so; none when it could not be asked.
    pub status_since: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it was deleted. It stays, for those who follow changes.
    pub deleted_at: Option<Timestamp>,
    /// The log position of the last change.
    pub revision: i64,
}

/// A resource as it is stored.
pub type Resource = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
