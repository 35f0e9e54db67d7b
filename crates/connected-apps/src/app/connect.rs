//! Connects an app.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app::ConnectedApp,
};
use serde_json::Value;

use super::{AppError, ConnectedApps, write};
use crate::{credentials, settings::Settings};

/// An app to be connected.
pub struct NewApp {
    /// The provider's name.
    pub provider: String,
    /// What people call it; 1 to 200 characters.
    pub name: String,
    /// The members that the provider's scheme asks for, and `scheme` if there are several.
    pub credentials: Value,
    /// `origins`, `hosts` and what the provider's plugin understands; null for none.
    pub settings: Value,
}

impl ConnectedApps {
    /// Checks and seals the credentials and stores the app, active.
    pub async fn connect(
        &self,
        permit: &Permit<ManageApps>,
        new: NewApp,
    ) -> Result<ConnectedApp, AppError> {
        let Some(provider) = self.host.provider(&new.provider) else {
            let message = format!("no loaded plugin brings a provider `{}`", new.provider);
            return Err(AppError::Rejected(vec![Problem::new(
                ["provider"],
                ProblemCode::UnknownProvider,
                message,
            )]));
        };
        let name = write::name(&new.name);
        let checked = credentials::check(&provider.manifest, new.credentials);
        let settings = self.check_settings(new.settings);
        let (name, (credentials, masked), settings) = write::all(name, checked, settings)?;

        let id = self.store.clock().id();
        let row = ConnectedApp {
            id,
            workspace_id: permit.workspace(),
            provider: new.provider,
            name,
            active: true,
            sealed: self.seal(permit.workspace(), id, &credentials)?,
            masked,
            settings: settings.to_json(),
            created_at: self.store.clock().now(),
            updated_at: self.store.clock().now(),
            revision: 0,
        };
        self.insert(permit, row).await
    }

    pub(super) fn check_settings(&self, given: Value) -> Result<Settings, Vec<Problem>> {
        let settings = Settings::parse(given)?;
        settings.check_reach(&self.egress)?;
        Ok(settings)
    }
}
