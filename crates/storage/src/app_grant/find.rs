use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{AppGrant, Column, Entity};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::ConnectedAppId,
};

/// The tokens of an app, if somebody has granted any.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    app: ConnectedAppId,
) -> Result<Option<AppGrant>, StorageError> {
    Ok(Entity::find_by_id(app)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .one(db)
        .await?)
}
