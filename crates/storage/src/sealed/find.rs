use sea_orm::{ConnectionTrait, Statement};
use ulid::Ulid;
use uuid::Uuid;

use super::{PLACES, SealedValue};
use crate::{
    StorageError,
    access::{ManageWorkspace, Permit},
};

/// All sealed values of the workspace.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<ManageWorkspace>,
) -> Result<Vec<SealedValue>, StorageError> {
    let mut found = Vec::new();
    for place in &PLACES {
        let (table, key, column) = (place.table, place.key, place.column);
        let sql = format!(
            "SELECT {key}, {column} FROM {table} WHERE workspace_id = $1 AND {column} IS NOT NULL"
        );
        let values = [permit.workspace().into()];
        let select = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        for row in db.query_all_raw(select).await? {
            let id: Uuid = row.try_get_by(0)?;
            found.push(SealedValue {
                place,
                id: format!("{}{}", place.prefix, Ulid::from_bytes(*id.as_bytes())),
                blob: row.try_get_by(1)?,
                key: id,
            });
        }
    }
    Ok(found)
}
