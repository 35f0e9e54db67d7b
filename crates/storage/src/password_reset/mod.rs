//! Links by which users choose another password who have forgotten theirs. An admin makes one; it works once. Its token is never stored,
//! only its SHA-256.

mod create;
mod find;
mod redeem;

pub(crate) use create::sweep;
pub use create::{NewReset, ResetError, create};
pub use find::find_by_token;
pub use redeem::{RedeemError, redeem};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{PasswordResetId, UserId, WorkspaceId},
};

/// That a user may choose another password. The row goes when they do.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_resets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PasswordResetId,
    /// Where it was made.
    pub workspace_id: WorkspaceId,
    pub user_id: UserId,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Who has made it: an [`Actor`](crate::access::Actor) as text.
    pub created_by: String,
    pub created_at: Timestamp,
    /// From when on it cannot be used.
    pub expires_at: Timestamp,
}

/// A reset as it is stored.
pub type PasswordReset = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
