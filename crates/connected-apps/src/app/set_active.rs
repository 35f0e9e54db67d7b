//! Switches an app on or off.

use jackfield_storage::{
    access::{ManageApps, Permit},
    connected_app::ConnectedApp,
    ids::ConnectedAppId,
};

use super::{AppError, ConnectedApps};

impl ConnectedApps {
    /// Lets steps use the app, or makes those fail that would.
    pub async fn set_active(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
        active: bool,
    ) -> Result<ConnectedApp, AppError> {
        self.change(permit, id, move |row| row.active = active)
            .await
    }
}
