use sea_orm::{EntityTrait, IntoActiveModel};

use super::{Entity, SchemaMismatch, UnknownEventTypes, Workspace, find_by_name};
use crate::{
    Clock, StorageError, Store, Timestamp,
    access::{Actor, CreateWorkspaces, Permit, Role},
    api_key::{self, ApiKey, NewApiKey},
    ids::WorkspaceId,
    membership::{self, Membership},
};

/// A workspace that is to be made.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// What people call it.
    pub name: String,
    /// The key of its owner, for a caller who is no user of this server.
    pub owner_key: Option<NewApiKey>,
}

/// Why a workspace was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateWorkspaceError {
    /// Another one has the name.
    #[error("there is a workspace of this name already")]
    NameTaken,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Workspace {
    /// One with the rules that hold where nobody has said otherwise.
    pub(crate) fn new(id: WorkspaceId, name: String, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            created_at,
            schema_mismatch: SchemaMismatch::Reject,
            unknown_event_types: UnknownEventTypes::Accept,
            keep_events_days: None,
            keep_deliveries_days: None,
            revision: 0,
        }
    }
}

/// Makes a workspace. A user becomes its owner; anybody else gets an owner's key.
///
/// # Errors
///
/// When another one has the name.
pub async fn create(
    store: &Store,
    permit: &Permit<CreateWorkspaces>,
    new: NewWorkspace,
) -> Result<(Workspace, Option<ApiKey>), CreateWorkspaceError> {
    let (actor, clock): (Actor, Clock) = (permit.actor().clone(), store.clock().clone());
    store
        .writer()
        .call(permit, move |call| {
            Box::pin(async move {
                if find_by_name(call.db(), &new.name).await?.is_some() {
                    return Err(CreateWorkspaceError::NameTaken);
                }
                let row = Workspace::new(clock.id(), new.name, call.now());
                Entity::insert(row.clone().into_active_model())
                    .exec_without_returning(call.db())
                    .await
                    .map_err(StorageError::from)?;
                call.created(&row);
                if let Actor::User(user_id) = actor {
                    let owner = Membership {
                        workspace_id: row.id,
                        user_id,
                        role: Role::Owner,
                        created_at: call.now(),
                        deactivated_at: None,
                    };
                    membership::put(call, owner).await?;
                }
                let key = match new.owner_key {
                    Some(key) => Some(api_key::insert(call, row.id, key, &clock).await?),
                    None => None,
                };
                Ok((row, key))
            })
        })
        .await
}
