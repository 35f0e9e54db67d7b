use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Column, Entity};
use crate::{
    Call, Change, StorageError, Store,
    access::{Actor, OwnAccount, Permit},
    ids::{SessionId, UserId, WorkspaceId},
};

/// Ends a session of the caller's own.
pub async fn end(
    store: &Store,
    permit: &Permit<OwnAccount>,
    id: SessionId,
) -> Result<(), StorageError> {
    end_some(store, permit, Some(id)).await
}

/// Ends all sessions of the caller's own, in all workspaces.
pub async fn end_mine(store: &Store, permit: &Permit<OwnAccount>) -> Result<(), StorageError> {
    end_some(store, permit, None).await
}

async fn end_some(
    store: &Store,
    permit: &Permit<OwnAccount>,
    only: Option<SessionId>,
) -> Result<(), StorageError> {
    let Actor::User(user) = *permit.actor() else {
        return Ok(());
    };
    let workspace = permit.workspace();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let mine = open(user).add_option(only.map(|id| Column::Id.eq(id)));
                let before = Entity::find().filter(mine).all(call.db()).await?;
                match only {
                    Some(id) => end_where(call, open(user).add(Column::Id.eq(id))).await?,
                    None => end_where(call, open(user)).await?,
                }
                for row in before {
                    let mut after = row.clone();
                    after.ended_at = Some(call.now());
                    call.did("ended", &row, &after);
                }
                call.publish(Change::Access(call.next_position(), workspace));
                Ok(())
            })
        })
        .await
}

/// Ends the sessions of a user, in one workspace or in all, but for one.
pub(crate) async fn end_all(
    call: &Call,
    user: UserId,
    workspace: Option<WorkspaceId>,
    stays: Option<SessionId>,
) -> Result<(), StorageError> {
    let which = open(user)
        .add_option(workspace.map(|id| Column::WorkspaceId.eq(id)))
        .add_option(stays.map(|id| Column::Id.ne(id)));
    end_where(call, which).await
}

fn open(user: UserId) -> Condition {
    Condition::all()
        .add(Column::UserId.eq(user))
        .add(Column::EndedAt.is_null())
}

async fn end_where(call: &Call, which: Condition) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(call.now()))
        .filter(which)
        .exec(call.db())
        .await?;
    Ok(())
}
