use sea_orm::{EntityTrait, IntoActiveModel, sea_query::OnConflict};

use super::{Column, CredentialUse, Entity};
use crate::{Call, StorageError};

/// Writes a use, or what is known of it by now.
pub async fn put(call: &Call, row: CredentialUse) -> Result<(), StorageError> {
    let known = OnConflict::column(Column::Id)
        .update_columns([Column::Hosts, Column::Requests, Column::Reads])
        .to_owned();
    Entity::insert(row.into_active_model())
        .on_conflict(known)
        .exec_without_returning(call.db())
        .await?;
    Ok(())
}
