//! Invitations: how somebody becomes a user.

mod accept;
mod invite;
mod list;
mod revoke;

use async_graphql::{ID, Object};
use jackfield_storage::invitation;

use crate::scalars::DateTime;
use crate::viewer::Role;
pub use accept::AcceptInvitation;
pub use invite::InviteUser;
pub use list::ListInvitations;
pub use revoke::RevokeInvitation;

/// That somebody may become a user of this workspace. Its token is shown once, when it is made.
#[derive(Clone)]
pub struct Invitation(pub invitation::Invitation);

impl From<invitation::Invitation> for Invitation {
    fn from(row: invitation::Invitation) -> Self {
        Self(row)
    }
}

/// That somebody may become a user of this workspace. Its token is shown once, when it is made.
#[Object]
impl Invitation {
    /// The invitation's id, which is not its token.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Whose, an e-mail address.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// What they will be.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// Who has invited them, as the audit log names them.
    async fn invited_by(&self) -> &str {
        &self.0.invited_by
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// From when on it cannot be accepted.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// When it was accepted; null when it was not.
    async fn accepted_at(&self) -> Option<DateTime> {
        self.0.accepted_at.map(DateTime)
    }

    /// When it was taken back, or replaced by a later one; null when it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}
