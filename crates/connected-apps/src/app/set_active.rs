//! Switches an app on or off.

use jackfield_storage::{
    access::{ManageApps, Permit},
    connected_app::{self, ConnectedApp},
    ids::ConnectedAppId,
};

use super::{AppError, ConnectedApps};

impl ConnectedApps {
    /// Lets steps use the app, or makes those fail that would. One that is switched on is checked soon.
    pub async fn set_active(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
        active: bool,
    ) -> Result<ConnectedApp, AppError> {
        let found = connected_app::find(self.store.reader(), &permit.read(), id).await?;
        let before = found.ok_or(AppError::NotFound)?;
        self.tell_new_status(&before, active, before.condition)
            .await;
        let now = self.store.clock().now();
        let changed = self.change(permit, id, move |row| {
            if active && !row.active {
                row.next_check_at = now;
            }
            row.active = active;
        });
        let changed = changed.await?;
        self.checks.notify();
        Ok(changed)
    }
}
