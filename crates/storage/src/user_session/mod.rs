//! Sessions of users: what a user does from one sign-in on, in one workspace. A session is kept alive with refresh tokens, of
//! which each can be used once: when an old one comes back, somebody else has it, and the session ends (RFC 9700 §4.14.2).
//!
//! A refresh token proves two things: that it is one of the session (its family secret), and that it is the last one. Both
//! are stored as SHA-256.

mod begin;
mod end;
mod find;
mod refresh;

pub use begin::{NewSession, begin};
pub(crate) use end::end_all;
pub use end::{end, end_mine};
pub use find::{Standing, find};
pub use refresh::{Presented, Refreshed, refresh};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    audit_log::Audited,
    ids::{SessionId, UserId, WorkspaceId},
};

/// What a user does from one sign-in on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// The only workspace that is seen in it.
    pub workspace_id: WorkspaceId,
    pub user_id: UserId,
    /// SHA-256 of what all refresh tokens of the session share.
    pub family_hash: Vec<u8>,
    /// SHA-256 of what only the last one has.
    pub refresh_hash: Vec<u8>,
    pub created_at: Timestamp,
    /// When the last refresh token was made.
    pub refreshed_at: Timestamp,
    /// From when on that one is refused.
    pub expires_at: Timestamp,
    /// When it was ended: by its user, by somebody who may, or because an old refresh token came back.
    pub ended_at: Option<Timestamp>,
}

/// A session as it is stored.
pub type UserSession = Model;

impl Audited for Model {
    const ENTITY: &'static str = "session";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> serde_json::Value {
        serde_json::json!({"userId": self.user_id, "endedAt": self.ended_at})
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
