//! Connects an app.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app::ConnectedApp,
};
use serde_json::Value;

use super::{AppError, ConnectedApps, write};
use crate::{GivenRateLimit, RateLimit, credentials, settings::Settings};

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
    /// How many requests may be made with the credentials; none for any number.
    pub rate_limit: Option<GivenRateLimit>,
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
        let limit = new.rate_limit.map(GivenRateLimit::check).transpose();
        let (name, (credentials, masked), settings, limit) =
            write::all(name, checked, settings, limit)?;

        let id = self.store.clock().id();
        let mut row = ConnectedApp {
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
            rate_requests: None,
            rate_per: None,
            rate_burst: None,
        };
        RateLimit::put(limit, &mut row);
        let hook = self.hook_of(&row);
        self.insert(permit, row, hook).await
    }

    pub(super) fn check_settings(&self, given: Value) -> Result<Settings, Vec<Problem>> {
        let settings = Settings::parse(given)?;
        settings.check_reach(&self.egress)?;
        Ok(settings)
    }
}
