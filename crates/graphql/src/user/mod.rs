//! Users: people who sign in.

mod change_password;
mod change_role;
mod deactivate;
mod list;
mod outcome;
mod reactivate;
mod reset;

use async_graphql::{ID, Object};
use jackfield_storage::membership::Member;

use crate::scalars::DateTime;
use crate::viewer::Role;
pub use change_password::ChangePassword;
pub use change_role::ChangeUserRole;
pub use deactivate::DeactivateUser;
pub use list::ListUsers;
pub use reactivate::ReactivateUser;
pub use reset::ResetPassword;

/// A person who signs in, as this workspace knows them.
#[derive(Clone)]
pub struct User(pub Member);

impl From<Member> for User {
    fn from(member: Member) -> Self {
        Self(member)
    }
}

/// A person who signs in, as this workspace knows them.
#[Object]
impl User {
    /// The user's id, which is the same in all workspaces to which they belong.
    pub async fn id(&self) -> ID {
        self.0.user.id.to_string().into()
    }

    /// Their e-mail address, with which they sign in.
    async fn email(&self) -> &str {
        &self.0.user.email
    }

    /// What people call them.
    async fn name(&self) -> &str {
        &self.0.user.name
    }

    /// What they may do in this workspace.
    async fn role(&self) -> Role {
        self.0.membership.role.into()
    }

    /// Whether they may do anything in this workspace.
    async fn active(&self) -> bool {
        self.0.membership.deactivated_at.is_none()
    }

    /// Since when they belong to this workspace.
    async fn created_at(&self) -> DateTime {
        self.0.membership.created_at.into()
    }

    /// When they were deactivated in this workspace; null when they are active.
    async fn deactivated_at(&self) -> Option<DateTime> {
        self.0.membership.deactivated_at.map(DateTime)
    }
}
