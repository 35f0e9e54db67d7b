use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Blob, Column, Entity};
use crate::{
    StorageError,
    access::{Permit, Read},
    ids::BlobId,
};

/// One blob with its bytes.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    id: BlobId,
) -> Result<Option<Blob>, StorageError> {
    Ok(Entity::find_by_id(id)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .one(db)
        .await?)
}
