//! Changes an app.

use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app::{self, AppCondition, ConnectedApp},
    ids::ConnectedAppId,
};
use serde_json::Value;

use super::{AppError, ConnectedApps, OpenApp, test::Tested, write};
use crate::{
    GivenRateLimit, RateLimit,
    credentials::{self, Credentials},
    settings::Settings,
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
    /// Whether to store new credentials without asking the provider.
    pub skip_test: bool,
}

impl ConnectedApps {
    /// Checks and stores what is given; the provider is asked whether it takes new credentials. Tokens that were fetched with
    /// the old ones are used no more.
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
                let sealed = self.seal(permit.workspace(), id, &credentials)?;
                let mut candidate = self.candidate(&row, credentials)?;
                if let Some(settings) = &settings {
                    candidate.settings = settings.clone();
                }
                let tested = self
                    .test_before_saving(permit.workspace(), candidate, update.skip_test)
                    .await?;
                let condition = tested
                    .as_ref()
                    .map_or(AppCondition::Connected, Tested::condition);
                self.tell_new_status(&row, row.active, condition).await;
                Some((sealed, masked, tested))
            }
            None => None,
        };
        let (now, next_check) = (self.store.clock().now(), self.next_check());
        let has_other_credentials = sealed.is_some();

        let changed = self.change(permit, id, move |row| {
            row.name = name;
            if let Some(settings) = settings {
                row.settings = settings.to_json();
                row.next_check_at = now;
            }
            if let Some((sealed, masked, tested)) = sealed {
                row.sealed = sealed;
                row.masked = masked;
                row.next_check_at = next_check;
                tested.unwrap_or_default().put(now, row);
            }
            if let Some(limit) = limit {
                RateLimit::put(limit, row);
            }
        });
        let changed = changed.await?;
        if has_other_credentials {
            self.drop_grant(permit, id).await?;
        }
        self.checks.notify();
        Ok(changed)
    }

    /// The app as it would be with other credentials.
    fn candidate(&self, row: &ConnectedApp, credentials: Credentials) -> Result<OpenApp, AppError> {
        let unknown = || AppError::Rejected(vec![no_plugin(&row.provider)]);
        let provider = self.host.provider(&row.provider).ok_or_else(unknown)?;
        Ok(OpenApp {
            id: self.store.clock().id(),
            revision: 0,
            name: row.name.clone(),
            provider,
            credentials,
            settings: Settings::parse(row.settings.value()).unwrap_or_default(),
            rate_limit: None,
        })
    }

    fn check_credentials(
        &self,
        provider: &str,
        given: Value,
    ) -> Result<(Credentials, String), Vec<Problem>> {
        match self.host.provider(provider) {
            Some(provider) => credentials::check(&provider.manifest, given),
            None => Err(vec![no_plugin(provider)]),
        }
    }
}

fn no_plugin(provider: &str) -> Problem {
    let message =
        format!("the plugin of the provider `{provider}` is not loaded, so nothing can check this");
    Problem::new(["credentials"], ProblemCode::UnknownProvider, message)
}
