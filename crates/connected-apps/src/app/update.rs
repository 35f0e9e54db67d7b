//! Changes an app.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app::{self, ConnectedApp},
    ids::ConnectedAppId,
};
use serde_json::Value;

use super::{AppError, ConnectedApps, write};
use crate::credentials::{self, Credentials};

/// What is to change of an app; what is absent stays.
#[derive(Default)]
pub struct UpdateApp {
    /// What people call it.
    pub name: Option<String>,
    /// All of the credentials: members that are absent are not taken over from the old ones.
    pub credentials: Option<Value>,
    /// All of the settings.
    pub settings: Option<Value>,
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
        let (name, checked, settings) = write::all(name, checked, settings)?;
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
