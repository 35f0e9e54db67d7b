//! Users: people who sign in with an e-mail address and a password. They belong to workspaces by
//! [`membership`](crate::membership)s, and to none by themselves.

mod change_password;
mod email;
mod find;

pub use change_password::change_password;
pub use email::{Email, InvalidEmail};
pub(crate) use find::find_unscoped;
pub use find::{find_by_email, find_many, find_own};

use sea_orm::entity::prelude::*;

use crate::{Timestamp, ids::UserId};

/// A person who signs in.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// In lower case; unique on this server.
    pub email: String,
    /// What people call them.
    pub name: String,
    /// What their password comes to, as a PHC string.
    pub password_hash: String,
    pub password_changed_at: Timestamp,
    pub created_at: Timestamp,
}

/// A user as they are stored.
pub type User = Model;

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({})", self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
