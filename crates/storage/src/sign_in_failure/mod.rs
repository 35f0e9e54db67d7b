//! Sign-ins that failed, of all nodes together: whoever guesses at one is slowed down at the others. A row says until when the failures of
//! an account or an address are remembered, and not whose: its key is a hash.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, entity::prelude::*,
    sea_query::OnConflict,
};

use crate::{Call, StorageError, Store, Timestamp};

/// The failures of an account or an address.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_failures")]
pub struct Model {
    /// SHA-256 of whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: Vec<u8>,
    /// Each failure moves this on; until then there are some to be remembered.
    pub forgotten_at: Timestamp,
}

/// Failures as they are stored.
pub type SignInFailures = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is remembered of these, in no particular order.
pub async fn find_many<C: ConnectionTrait>(
    db: &C,
    keys: &[Vec<u8>],
) -> Result<Vec<SignInFailures>, StorageError> {
    let wanted = Column::Key.is_in(keys.iter().cloned());
    Ok(Entity::find().filter(wanted).all(db).await?)
}

/// Remembers one more failure of each of these for so long.
pub async fn add(store: &Store, failed: Vec<(Vec<u8>, Duration)>) -> Result<(), StorageError> {
    let added = store.writer().call_unscoped(move |call| {
        Box::pin(async move {
            let keys: Vec<_> = failed.iter().map(|(key, _)| key.clone()).collect();
            let known = find_many(call.db(), &keys).await?;
            for (key, each) in failed {
                let known = known.iter().find(|row| row.key == key);
                let since = known.map_or(call.now(), |row| row.forgotten_at.max(call.now()));
                let row = Model {
                    key,
                    forgotten_at: since.after(each),
                };
                let on = OnConflict::column(Column::Key)
                    .update_column(Column::ForgottenAt)
                    .to_owned();
                Entity::insert(row.into_active_model())
                    .on_conflict(on)
                    .exec_without_returning(call.db())
                    .await?;
            }
            Ok(())
        })
    });
    added.await
}

/// Deletes what is to be remembered no more.
pub(crate) async fn sweep(call: &Call) -> Result<u64, StorageError> {
    let deleted = Entity::delete_many()
        .filter(Column::ForgottenAt.lt(call.now()))
        .exec(call.db())
        .await?;
    Ok(deleted.rows_affected)
}
