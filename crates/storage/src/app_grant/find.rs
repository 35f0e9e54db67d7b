use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{AppGrant, Column, Entity};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::ConnectedAppId,
    reader::ReadRows,
};

/// The tokens of an app, if somebody has granted any.
pub async fn find<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    app: ConnectedAppId,
) -> Result<Option<AppGrant>, StorageError> {
    let grant = Entity::find_by_id(app).filter(Column::WorkspaceId.eq(permit.workspace()));
    Ok(db.rows(grant).await?.into_iter().next())
}
