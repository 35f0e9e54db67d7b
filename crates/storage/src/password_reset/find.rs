use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Column, Entity, PasswordReset};
use crate::{StorageError, Timestamp};

/// The reset whose token has this SHA-256 and that can be used at `now`, in any workspace: the token is what proves that somebody is
/// meant.
pub async fn find_by_token<C: ConnectionTrait>(
    db: &C,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<PasswordReset>, StorageError> {
    let found = Entity::find()
        .filter(Column::TokenHash.eq(hash))
        .filter(Column::ExpiresAt.gt(now));
    Ok(found.one(db).await?)
}
