use sea_orm::{ConnectionTrait, Statement};

use super::SealedValue;
use crate::{
    Call, StorageError,
    access::{ManageWorkspace, Permit},
};

/// Puts `blob` in the place of a sealed value, unless that has changed since it was read.
pub async fn replace(
    call: &Call,
    permit: &Permit<ManageWorkspace>,
    value: &SealedValue,
    blob: Vec<u8>,
) -> Result<(), StorageError> {
    let (table, key, column) = (value.place.table, value.place.key, value.place.column);
    let sql = format!(
        "UPDATE {table} SET {column} = $1 WHERE {key} = $2 AND workspace_id = $3 AND {column} = $4"
    );
    let values = [
        blob.into(),
        value.key.into(),
        permit.workspace().into(),
        value.blob.clone().into(),
    ];
    let db = call.db();
    db.execute_raw(Statement::from_sql_and_values(
        db.get_database_backend(),
        sql,
        values,
    ))
    .await?;
    Ok(())
}
