//! One app of each provider is its default. Both are done within the transaction that changes something about it; a unique
//! index stands behind them.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::{Column, ConnectedApp, Entity, default_of};
use crate::{
    Call, Change, StorageError,
    access::{Permit, Read},
};

/// Takes the place of the default from whichever app of the provider has it. The caller writes `is_default` of the other one.
pub async fn take_default(
    call: &Call,
    permit: &Permit<Read>,
    provider: &str,
) -> Result<(), StorageError> {
    match default_of(call.db(), permit, provider).await? {
        Some(app) => write(call, app, false).await,
        None => Ok(()),
    }
}

/// Makes the oldest app of a provider its default, after the default is gone.
pub async fn inherit_default(
    call: &Call,
    permit: &Permit<Read>,
    provider: &str,
) -> Result<(), StorageError> {
    let oldest = Entity::find()
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .filter(Column::Provider.eq(provider))
        .order_by_asc(Column::Id)
        .one(call.db());
    match oldest.await? {
        Some(app) => write(call, app, true).await,
        None => Ok(()),
    }
}

async fn write(call: &Call, mut app: ConnectedApp, is_default: bool) -> Result<(), StorageError> {
    app.is_default = is_default;
    app.revision = call.next_position();
    let update = app.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    call.publish(Change::ConnectedApp(Arc::new(app)));
    Ok(())
}
