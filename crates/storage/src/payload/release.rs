use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{Column, Entity, Owner, payload_use};
use crate::{Call, StorageError, event, ids::WorkspaceId};

/// How many values one statement deletes at most.
const ROWS: usize = 200;

/// These owners are gone: what nobody else uses goes too.
pub(crate) async fn release(
    call: &Call,
    owners: impl IntoIterator<Item = Owner>,
) -> Result<(), StorageError> {
    let owners = payload_use::Column::Owner.is_in(owners);
    release_where(call, Condition::all().add(owners)).await
}

/// The same for the events of a workspace up to a position, which are about to go.
pub(crate) async fn release_events(
    call: &Call,
    workspace: WorkspaceId,
    last: i64,
) -> Result<(), StorageError> {
    let events = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::WorkspaceId.eq(workspace))
        .filter(event::Column::Position.lte(last));
    let owners = payload_use::Column::Owner.in_subquery(events.into_query());
    release_where(call, Condition::all().add(owners)).await
}

async fn release_where(call: &Call, gone: Condition) -> Result<(), StorageError> {
    let used: Vec<(WorkspaceId, Vec<u8>)> = payload_use::Entity::find()
        .select_only()
        .columns([
            payload_use::Column::WorkspaceId,
            payload_use::Column::Sha256,
        ])
        .filter(gone.clone())
        .into_tuple()
        .all(call.db())
        .await?;
    if used.is_empty() {
        return Ok(());
    }
    payload_use::Entity::delete_many()
        .filter(gone)
        .exec(call.db())
        .await?;
    let mut by_workspace: BTreeMap<WorkspaceId, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for (workspace, hash) in used {
        by_workspace.entry(workspace).or_default().insert(hash);
    }
    for (workspace, hashes) in by_workspace {
        let hashes: Vec<_> = hashes.into_iter().collect();
        for some in hashes.chunks(ROWS) {
            delete_unused(call, workspace, some).await?;
        }
    }
    Ok(())
}

async fn delete_unused(
    call: &Call,
    workspace: WorkspaceId,
    hashes: &[Vec<u8>],
) -> Result<(), StorageError> {
    let same = |used: payload_use::Column, of: Column| {
        Expr::col((payload_use::Entity, used)).equals((Entity, of))
    };
    let users = Query::select()
        .expr(Expr::value(1))
        .from(payload_use::Entity)
        .and_where(same(payload_use::Column::WorkspaceId, Column::WorkspaceId))
        .and_where(same(payload_use::Column::Sha256, Column::Sha256))
        .take();
    Entity::delete_many()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::Sha256.is_in(hashes.iter().cloned()))
        .filter(Expr::exists(users).not())
        .exec(call.db())
        .await?;
    Ok(())
}
