use sea_orm::{ConnectionTrait, DbErr};

use super::{Documents, LARGE, Taken, store};
use crate::Json;

/// A row as it is stored: what is large in its documents is written by itself. For a row that is inserted alone.
pub(crate) async fn packed<C: ConnectionTrait, R: Documents>(
    db: &C,
    mut row: R,
) -> Result<R, DbErr> {
    if row.documents().all(|json| json.stored().len() < LARGE) {
        return Ok(row);
    }
    let mut taken = Taken::default();
    let owner = row.owner();
    for json in row.documents_mut() {
        *json = Json::from_stored(taken.take_from(owner, json));
    }
    store(db, taken).await?;
    Ok(row)
}
