//! Makes an app the one that steps use which name none.

use jackfield_storage::{
    access::{ManageApps, Permit},
    connected_app::{self, ConnectedApp},
    ids::ConnectedAppId,
};

use super::{AppError, ConnectedApps};

impl ConnectedApps {
    /// Makes the app the default of its provider, and the one before it no more.
    pub async fn set_default(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
    ) -> Result<ConnectedApp, AppError> {
        let read = permit.read();
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = connected_app::find(call.db(), &read, id).await?;
                    let mut row = found.ok_or(AppError::NotFound)?;
                    if !row.is_default {
                        connected_app::take_default(call, &read, &row.provider).await?;
                        let before = row.clone();
                        row.is_default = true;
                        super::write::store(call, &mut row).await?;
                        call.updated(&before, &row);
                    }
                    Ok(row)
                })
            })
            .await
    }
}
