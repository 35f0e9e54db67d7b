//! Which apps are to be checked.

use std::time::Duration;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{Column, ConnectedApp, Entity};
use crate::{StorageError, Timestamp, Writer, ids::ConnectedAppId};

/// When the next app of any workspace is due.
pub async fn next_check<C: ConnectionTrait>(db: &C) -> Result<Option<Timestamp>, StorageError> {
    let next = Entity::find()
        .select_only()
        .column(Column::NextCheckAt)
        .filter(Column::Active.eq(true))
        .order_by_asc(Column::NextCheckAt)
        .limit(1)
        .into_tuple()
        .one(db);
    Ok(next.await?)
}

impl Writer {
    /// Takes apps of any workspace that are due. For `lease` they are nobody else's; who has checked one says when it is due
    /// again.
    pub async fn claim_app_checks(
        &self,
        limit: u64,
        lease: Duration,
    ) -> Result<Vec<ConnectedApp>, StorageError> {
        self.call_unscoped(move |call| {
            Box::pin(async move {
                let due = Entity::find()
                    .filter(Column::Active.eq(true))
                    .filter(Column::NextCheckAt.lte(call.now()))
                    .order_by_asc(Column::NextCheckAt)
                    .limit(limit)
                    .all(call.db())
                    .await?;
                put_off(
                    call.db(),
                    due.iter().map(|app| app.id),
                    call.now().after(lease),
                )
                .await?;
                Ok(due)
            })
        })
        .await
    }

    /// Has these apps checked at that instant.
    pub async fn put_off_app_checks(
        &self,
        apps: Vec<ConnectedAppId>,
        until: Timestamp,
    ) -> Result<(), StorageError> {
        self.call_unscoped(move |call| {
            Box::pin(async move { put_off(call.db(), apps, until).await })
        })
        .await
    }
}

async fn put_off<C: ConnectionTrait>(
    db: &C,
    apps: impl IntoIterator<Item = ConnectedAppId>,
    until: Timestamp,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::NextCheckAt, Expr::value(until))
        .filter(Column::Id.is_in(apps))
        .exec(db)
        .await?;
    Ok(())
}
