//! Changes an app.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app::{self, ConnectedApp},
    ids::ConnectedAppId,
};
use serde_json::Value;

use super::{AppError, ConnectedApps, write};
use crate::{
    GivenRateLimit, RateLimit,
    credentials::{self, Credentials},
};

/// What is to change of an app; what is absent stays.
#[derive(Default)]
pub struct UpdateApp {
    /// What people call it.
    pub name: Option<String>,
    /// All of the credentials: members that are absent are not taken over from the old ones.
    pub credentials: Option<Value>,
    /// All of the settings.
    pub settings: Option<Value>,
    /// How many requests may be made with the credentials; none in it for any number.
    pub rate_limit: Option<Option<GivenRateLimit>>,
}

impl ConnectedApps {
    /// Checks and stores what is given. Tokens that were fetched with the old credentials are used no more.
    pub async fn update(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
        update: UpdateApp,
    ) -> Result<ConnectedApp, AppError> {
        let found = connected_app::find(self.store.reader(), &permit.read(), id).await?;
        let row = found.ok_or(AppError::NotFound)?;
        let name = match update.name {
            Some(name) => write::name(&name),
            None => Ok(row.name.clone()),
        };
        let checked = update
            .credentials
            .map(|given| self.check_credentials(&row.provider, given))
            .transpose();
        let settings = update
            .settings
            .map(|given| self.check_settings(given))
            .transpose();
        let limit = update
            .rate_limit
            .map(|given| given.map(GivenRateLimit::check).transpose())
            .transpose();
        let (name, checked, settings, limit) = write::all(name, checked, settings, limit)?;
        let sealed = match checked {
            Some((credentials, masked)) => {
                Some((self.seal(permit.workspace(), id, &credentials)?, masked))
            }
            None => None,
        };

        self.change(permit, id, move |row| {
            row.name = name;
            if let Some((sealed, masked)) = sealed {
                row.sealed = sealed;
                row.masked = masked;
            }
            if let Some(settings) = settings {
                row.settings = settings.to_json();
            }
            if let Some(limit) = limit {
                RateLimit::put(limit, row);
            }
        })
        .await
    }

    fn check_credentials(
        &self,
        provider: &str,
        given: Value,
    ) -> Result<(Credentials, String), Vec<Problem>> {
        match self.host.provider(provider) {
            Some(provider) => credentials::check(&provider.manifest, given),
            None => {
                let message = format!(
                    "the plugin of the provider `{provider}` is not loaded, so nothing can check this"
                );
                Err(vec![Problem::new(
                    ["credentials"],
                    ProblemCode::UnknownProvider,
                    message,
                )])
            }
        }
    }
}
