//! Removes an app with its credentials.

use jackfield_storage::{
    StorageError,
    access::{ManageApps, Permit},
    connected_app::{self, ConnectedApp},
    ids::ConnectedAppId,
    inbound_hook,
};
use sea_orm::EntityTrait;

use super::{AppError, ConnectedApps};

impl ConnectedApps {
    /// Removes the app and returns what it was. Steps that name it fail from now on.
    pub async fn disconnect(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
    ) -> Result<ConnectedApp, AppError> {
        let read = permit.read();
        let removed = self
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = connected_app::find(call.db(), &read, id).await?;
                    let row = found.ok_or(AppError::NotFound)?;
                    // They go with it, and are forgotten everywhere.
                    for hook in inbound_hook::of_apps(call.db(), &read, &[id]).await? {
                        inbound_hook::removed(call, hook);
                    }
                    let delete = connected_app::Entity::delete_by_id(id)
                        .exec(call.db())
                        .await;
                    delete.map_err(StorageError::from)?;
                    Ok::<_, AppError>(row)
                })
            })
            .await?;
        self.tokens.forget(&id);
        Ok(removed)
    }
}
