use std::collections::{BTreeMap, HashSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, sea_query::OnConflict,
};

use super::{ActiveModel, Column, Entity, Hash, Taken, payload_use};
use crate::ids::WorkspaceId;

/// How many rows one statement has at most.
const ROWS: usize = 200;

/// Writes what was taken out of documents, in the transaction that writes these. What is there already is not sent again.
pub(crate) async fn store<C: ConnectionTrait>(db: &C, taken: Taken) -> Result<(), DbErr> {
    if taken.is_empty() {
        return Ok(());
    }
    let mut by_workspace: BTreeMap<WorkspaceId, Vec<(Hash, String)>> = BTreeMap::new();
    for ((workspace, hash), text) in taken.values {
        by_workspace
            .entry(workspace)
            .or_default()
            .push((hash, text));
    }
    for (workspace, values) in by_workspace {
        let known = known(db, workspace, &values).await?;
        let new = values.into_iter().filter(|(hash, _)| !known.contains(hash));
        for (hash, text) in new {
            let row = ActiveModel {
                workspace_id: Set(workspace),
                sha256: Set(hash.to_vec()),
                text: Set(text),
            };
            Entity::insert(row)
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_without_returning(db)
                .await?;
        }
    }
    let uses: Vec<_> = taken.uses.into_iter().collect();
    for some in uses.chunks(ROWS) {
        let rows = some.iter().map(|(workspace, owner, hash)| {
            let row = payload_use::Model {
                owner: *owner,
                sha256: hash.to_vec(),
                workspace_id: *workspace,
            };
            row.into_active_model()
        });
        payload_use::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Those of the values that are stored already.
async fn known<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    values: &[(Hash, String)],
) -> Result<HashSet<Hash>, DbErr> {
    let mut known = HashSet::new();
    for some in values.chunks(ROWS) {
        let found: Vec<Vec<u8>> = Entity::find()
            .select_only()
            .column(Column::Sha256)
            .filter(Column::WorkspaceId.eq(workspace))
            .filter(Column::Sha256.is_in(some.iter().map(|(hash, _)| hash.to_vec())))
            .into_tuple()
            .all(db)
            .await?;
        known.extend(
            found
                .into_iter()
                .filter_map(|hash| Hash::try_from(hash).ok()),
        );
    }
    Ok(known)
}
