use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Column, Entity, Health};
use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    ids::InboundHookId,
};

/// What became of the requests to these hooks of the workspace since an instant. Those without requests are not in the answer.
pub async fn since<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    hooks: &[InboundHookId],
    since: Timestamp,
) -> Result<HashMap<InboundHookId, Health>, StorageError> {
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::HookId.is_in(hooks.iter().copied()))
        .filter(Column::At.gte(since))
        .all(db)
        .await?;
    let mut found: HashMap<InboundHookId, Health> = HashMap::new();
    for row in rows {
        let health = found.entry(row.hook_id).or_default();
        health.accepted += row.accepted;
        health.rejected += row.rejected;
        health.duplicates += row.duplicates;
    }
    Ok(found)
}
