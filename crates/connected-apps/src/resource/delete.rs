//! Deletes a resource.

use jackfield_storage::{
    access::{ManageApps, Permit},
    ids::ResourceId,
    resource::{self, Resource},
};

use crate::{AppError, ConnectedApps};

impl ConnectedApps {
    /// Deletes a resource and returns what it was. If it was the default, the oldest verified one of its app and type takes its
    /// place; nodes that refer to it use the default from now on.
    pub async fn delete_resource(
        &self,
        permit: &Permit<ManageApps>,
        id: ResourceId,
    ) -> Result<Resource, AppError> {
        let read = permit.read();
        let deleted = self.store.writer().call(permit, move |call| {
            Box::pin(async move {
                let found = resource::find(call.db(), &read, id).await?;
                let row = found.ok_or(AppError::NotFound)?;
                resource::delete(call, &read, row.clone()).await?;
                Ok(row)
            })
        });
        deleted.await
    }
}
