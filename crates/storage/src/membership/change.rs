use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use super::{Column, Entity, Member, Membership, find};
use crate::{
    Call, Change, StorageError, Store,
    access::{ManageUsers, Permit, Role},
    ids::UserId,
    user, user_session,
};

/// What is to become of a user in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeMember {
    /// They get another role.
    Role(Role),
    /// They may do nothing there any more, and their sessions there end.
    Deactivate,
    /// They may do again what their role allows.
    Reactivate,
}

/// Why a user was not changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MemberError {
    /// The workspace has no such user.
    #[error("there is no such user in this workspace")]
    NotFound,
    /// The role of one of the two is higher than that of whoever asks.
    #[error("your role is {own}; only an {needed} can do this")]
    Higher {
        /// The role of whoever asks.
        own: Role,
        /// The role that would do.
        needed: Role,
    },
    /// Nobody would be left who may do everything.
    #[error("this is the workspace's last active owner: make somebody else an owner first")]
    LastOwner,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Changes what a user may do in the permit's workspace, from the next request on. Nobody gives or takes a role that is higher
/// than `own`, theirs; one active owner stays.
pub async fn change(
    store: &Store,
    permit: &Permit<ManageUsers>,
    own: Role,
    id: UserId,
    change: ChangeMember,
) -> Result<Member, MemberError> {
    let scope = permit.clone();
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                let found = find(call.db(), &scope, id).await?;
                let before = found.ok_or(MemberError::NotFound)?;
                let mut row = before.clone();
                let action = match change {
                    ChangeMember::Role(role) => {
                        row.role = role;
                        "changedRole"
                    }
                    ChangeMember::Deactivate => {
                        row.deactivated_at = row.deactivated_at.or(Some(call.now()));
                        "deactivated"
                    }
                    ChangeMember::Reactivate => {
                        row.deactivated_at = None;
                        "reactivated"
                    }
                };
                let needed = before.role.max(row.role);
                if needed > own {
                    return Err(MemberError::Higher { own, needed });
                }
                if is_owner(&before) && !is_owner(&row) && owners(call, &before).await? < 2 {
                    return Err(MemberError::LastOwner);
                }
                if row != before {
                    save(call, &row).await?;
                    call.did(action, &before, &row);
                }
                if row.deactivated_at.is_some() {
                    user_session::end_all(call, id, Some(row.workspace_id), None).await?;
                }
                let user = user::find_unscoped(call.db(), id).await?;
                let user = user.ok_or(MemberError::NotFound)?;
                Ok(Member {
                    membership: row,
                    user,
                })
            })
        })
        .await
}

/// Has a user belong to a workspace with this role, whether they did before or not.
pub(crate) async fn put(call: &Call, row: Membership) -> Result<(), StorageError> {
    let key = (row.workspace_id, row.user_id);
    match Entity::find_by_id(key).one(call.db()).await? {
        Some(before) => {
            save(call, &row).await?;
            call.updated(&before, &row);
        }
        None => {
            Entity::insert(row.clone().into_active_model())
                .exec_without_returning(call.db())
                .await?;
            call.created(&row);
        }
    }
    Ok(())
}

async fn save(call: &Call, row: &Membership) -> Result<(), StorageError> {
    let update = row.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    call.publish(Change::Access(call.next_position(), row.workspace_id));
    Ok(())
}

fn is_owner(row: &Membership) -> bool {
    row.role == Role::Owner && row.deactivated_at.is_none()
}

async fn owners(call: &Call, of: &Membership) -> Result<u64, StorageError> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(of.workspace_id))
        .filter(Column::Role.eq(Role::Owner))
        .filter(Column::DeactivatedAt.is_null())
        .count(call.db())
        .await?)
}
