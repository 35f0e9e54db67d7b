use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{BATCH, Retention};
use crate::{
    Call, StorageError, Timestamp, audit_log, credential_use,
    ids::{AuditEntryId, CredentialUseId, SessionId},
    password_reset, sign_in_failure, user_session,
};

/// How long a session is kept after its end: a refresh token that comes back later is refused all the same.
const SESSION: Duration = Duration::from_secs(30 * 24 * 3600);

/// Deletes a batch of entries that are too old.
pub(super) async fn sweep_audit_log(
    call: &Call,
    retention: &Retention,
) -> Result<u64, StorageError> {
    let Some(age) = retention.audit_log else {
        return Ok(0);
    };
    let end = call.now().before(age);
    // Ids grow with time, so the oldest are found without an index for it.
    let oldest: Vec<(AuditEntryId, Timestamp)> = audit_log::Entity::find()
        .select_only()
        .columns([audit_log::Column::Id, audit_log::Column::At])
        .order_by_asc(audit_log::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(call.db())
        .await?;
    let old = oldest.into_iter().filter(|(_, at)| *at < end);
    let old: Vec<AuditEntryId> = old.map(|(id, _)| id).collect();
    if old.is_empty() {
        return Ok(0);
    }
    let deleted = audit_log::Entity::delete_many()
        .filter(audit_log::Column::Id.is_in(old))
        .exec(call.db())
        .await?;
    Ok(deleted.rows_affected)
}

/// Deletes a batch of uses of credentials that are too old.
pub(super) async fn sweep_credential_uses(
    call: &Call,
    retention: &Retention,
) -> Result<u64, StorageError> {
    let Some(age) = retention.credential_uses else {
        return Ok(0);
    };
    let end = call.now().before(age);
    // Ids grow with time, so the oldest are found without an index for it.
    let oldest: Vec<(CredentialUseId, Timestamp)> = credential_use::Entity::find()
        .select_only()
        .columns([credential_use::Column::Id, credential_use::Column::At])
        .order_by_asc(credential_use::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(call.db())
        .await?;
    let old = oldest.into_iter().filter(|(_, at)| *at < end);
    let old: Vec<CredentialUseId> = old.map(|(id, _)| id).collect();
    if old.is_empty() {
        return Ok(0);
    }
    let deleted = credential_use::Entity::delete_many()
        .filter(credential_use::Column::Id.is_in(old))
        .exec(call.db())
        .await?;
    Ok(deleted.rows_affected)
}

/// Deletes what is remembered no more of sign-ins that failed, and the resets of passwords that can be used no more. Both are few.
pub(super) async fn sweep_attempts(call: &Call) -> Result<(), StorageError> {
    sign_in_failure::sweep(call).await?;
    password_reset::sweep(call).await
}

/// Deletes a batch of sessions that are over for long.
pub(super) async fn sweep_sessions(call: &Call) -> Result<u64, StorageError> {
    let over: Vec<SessionId> = user_session::Entity::find()
        .select_only()
        .column(user_session::Column::Id)
        .filter(user_session::Column::ExpiresAt.lt(call.now().before(SESSION)))
        .limit(BATCH)
        .into_tuple()
        .all(call.db())
        .await?;
    if over.is_empty() {
        return Ok(0);
    }
    let deleted = user_session::Entity::delete_many()
        .filter(user_session::Column::Id.is_in(over))
        .exec(call.db())
        .await?;
    Ok(deleted.rows_affected)
}
