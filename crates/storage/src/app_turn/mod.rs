//! When the next request may be made with the credentials of a connected app that has a rate limit: one row per such app,
//! shared by all runs and all nodes.
//!
//! The row says up to when turns were given. Who wants some takes them with one statement, so no two get the same.

mod hold;
mod reserve;
mod reset;

pub use hold::hold;
pub use reserve::{Reserved, reserve};
pub use reset::reset;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, entity::prelude::*};

use crate::{
    StorageError, Timestamp,
    access::{Permit, Read},
    ids::{ConnectedAppId, WorkspaceId},
};

/// Up to when the turns of an app were given.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app_turns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: ConnectedAppId,
    pub workspace_id: WorkspaceId,
    /// When the next turn would be if none were given ahead of its time.
    pub next_at: Timestamp,
    /// Until when the provider wants no requests at all.
    pub held_until: Option<Timestamp>,
}

/// Up to when the turns of an app were given, as it is stored.
pub type AppTurn = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How far the turns of an app are; none before the first one.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    permit: &Permit<Read>,
    app: ConnectedAppId,
) -> Result<Option<AppTurn>, StorageError> {
    let found = Entity::find_by_id(app)
        .filter(Column::WorkspaceId.eq(permit.workspace()))
        .one(db);
    Ok(found.await?)
}
