//! Connects an app.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app::{AppCondition, ConnectedApp},
};
use serde_json::Value;

use super::{AppError, ConnectedApps, OpenApp, write};
use crate::{GivenRateLimit, RateLimit, credentials, settings::Settings};

/// An app to be connected.
pub struct NewApp {
    /// The provider's name.
    pub provider: String,
    /// What people call it; 1 to 200 characters. The provider's title by default.
    pub name: Option<String>,
    /// The members that the provider's scheme asks for, and `scheme` if there are several.
    pub credentials: Value,
    /// `origins`, `hosts` and what the provider's plugin understands; null for none.
    pub settings: Value,
    /// How many requests may be made with the credentials; none for any number.
    pub rate_limit: Option<GivenRateLimit>,
    /// Whether to store them without asking the provider.
    pub skip_test: bool,
}

impl ConnectedApps {
    /// Checks the credentials, asks the provider whether it takes them, seals them and stores the app, active. The first app
    /// of a provider is its default.
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
        let name = write::name(new.name.as_deref().unwrap_or(&provider.manifest.title));
        let checked = credentials::check(&provider.manifest, new.credentials);
        let settings = self.check_settings(new.settings);
        let limit = new.rate_limit.map(GivenRateLimit::check).transpose();
        let (name, (credentials, masked), settings, limit) =
            write::all(name, checked, settings, limit)?;

        let id = self.store.clock().id();
        let candidate = OpenApp {
            id,
            revision: 0,
            name: name.clone(),
            provider,
            credentials: credentials.clone(),
            settings: settings.clone(),
            rate_limit: None,
        };
        let tested = self
            .test_before_saving(permit.workspace(), candidate, new.skip_test)
            .await?;
        let now = self.store.clock().now();
        let mut row = ConnectedApp {
            id,
            workspace_id: permit.workspace(),
            provider: new.provider,
            name,
            active: true,
            sealed: self.seal(permit.workspace(), id, &credentials)?,
            masked,
            settings: settings.to_json(),
            created_at: now,
            updated_at: now,
            revision: 0,
            rate_requests: None,
            rate_per: None,
            rate_burst: None,
            is_default: false,
            condition: AppCondition::Connected,
            checked_at: None,
            check_ok: None,
            check_message: None,
            next_check_at: self.next_check(),
        };
        RateLimit::put(limit, &mut row);
        if let Some(tested) = tested {
            tested.put(now, &mut row);
        }
        let hook = self.hook_of(&row);
        self.insert(permit, row, hook).await
    }

    pub(super) fn check_settings(&self, given: Value) -> Result<Settings, Vec<Problem>> {
        let settings = Settings::parse(given)?;
        settings.check_reach(&self.egress)?;
        Ok(settings)
    }
}
