//! Memberships: which users belong to a workspace, and what they may do there.

mod change;
mod find;

pub(crate) use change::put;
pub use change::{ChangeMember, MemberError, change};
pub use find::{MembershipFilter, count, find, find_many, list, of_user};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    access::Role,
    audit_log::Audited,
    ids::{UserId, WorkspaceId},
    page::{Cursor, Keyed},
    user::User,
};

/// That a user belongs to a workspace.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "memberships")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// What they may do there.
    pub role: Role,
    pub created_at: Timestamp,
    /// Since when they may do nothing there.
    pub deactivated_at: Option<Timestamp>,
}

/// A membership as it is stored.
pub type Membership = Model;

/// A user as one workspace knows them.
#[derive(Clone, Debug)]
pub struct Member {
    /// What they may do there.
    pub membership: Membership,
    /// Who it is.
    pub user: User,
}

impl Keyed for Member {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.user.id)
    }
}

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.user_id)
    }
}

impl Audited for Model {
    const ENTITY: &'static str = "user";

    fn audit_id(&self) -> String {
        self.user_id.to_string()
    }

    fn audit(&self) -> serde_json::Value {
        serde_json::json!({"role": self.role, "deactivatedAt": self.deactivated_at})
    }
}

/// What belongs to a user and to no workspace.
pub(crate) struct Account<'a>(pub &'a User);

impl Audited for Account<'_> {
    const ENTITY: &'static str = "user";

    fn audit_id(&self) -> String {
        self.0.id.to_string()
    }

    fn audit(&self) -> serde_json::Value {
        serde_json::json!({
            "email": self.0.email, "name": self.0.name, "passwordChangedAt": self.0.password_changed_at,
        })
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
