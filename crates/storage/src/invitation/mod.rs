//! Invitations: how somebody becomes a user of a workspace. The token is never stored, only its SHA-256.

mod accept;
mod create;
mod find;
mod revoke;

pub use accept::{AcceptError, Newcomer, accept};
pub use create::{InviteError, NewInvitation, create};
pub use find::{Pending, count, find, find_by_token, list};
pub use revoke::revoke;

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    access::Role,
    audit_log::Audited,
    ids::{InvitationId, WorkspaceId},
    page::{Cursor, Keyed},
};

/// That somebody may become a user of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    pub workspace_id: WorkspaceId,
    /// Whose; in lower case.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Who has invited them: an [`Actor`](crate::access::Actor) as text.
    pub invited_by: String,
    pub created_at: Timestamp,
    /// From when on it cannot be accepted.
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    /// When somebody took it back, or made another one for the same address.
    pub revoked_at: Option<Timestamp>,
}

/// An invitation as it is stored.
pub type Invitation = Model;

impl Model {
    /// Whether it can be accepted at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

impl Audited for Model {
    const ENTITY: &'static str = "invitation";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> serde_json::Value {
        serde_json::json!({
            "email": self.email, "role": self.role, "expiresAt": self.expires_at, "acceptedAt": self.accepted_at,
            "revokedAt": self.revoked_at,
        })
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
