//! Opens an app for a step.

use std::sync::Arc;

use jackfield_plugin_host::{Provider, messages::CallError};
use jackfield_storage::{
    StorageError,
    access::{Permit, Read},
    connected_app::{self, ConnectedApp},
    ids::ConnectedAppId,
};

use super::ConnectedApps;
use crate::{
    RateLimit, Subject, code,
    credentials::{self, Credentials},
    settings::Settings,
};

/// An app with its credentials, for as long as a step runs.
pub(crate) struct OpenApp {
    pub id: ConnectedAppId,
    pub revision: i64,
    pub name: String,
    pub provider: Arc<Provider>,
    pub credentials: Credentials,
    pub settings: Settings,
    pub rate_limit: Option<RateLimit>,
}

impl ConnectedApps {
    pub(crate) async fn open(
        &self,
        permit: &Permit<Read>,
        id: ConnectedAppId,
    ) -> Result<OpenApp, CallError> {
        let found = connected_app::find(self.store.reader(), permit, id).await;
        let row = found.map_err(|error| unreadable(&error))?.ok_or_else(|| {
            let message = format!("there is no connected app {id}: choose another one in the node");
            CallError::new(code::APP_NOT_FOUND, message)
        })?;
        self.open_active(row)
    }

    /// Opens the default app of a provider.
    pub(crate) async fn open_default(
        &self,
        permit: &Permit<Read>,
        provider: &str,
    ) -> Result<OpenApp, CallError> {
        let found = connected_app::default_of(self.store.reader(), permit, provider).await;
        match found.map_err(|error| unreadable(&error))? {
            Some(row) => self.open_active(row),
            None => Err(no_default(provider)),
        }
    }

    fn open_active(&self, row: ConnectedApp) -> Result<OpenApp, CallError> {
        if !row.active {
            let message = format!(
                "the connected app `{}` is switched off: switch it on to let steps use it",
                row.name
            );
            return Err(CallError::new(code::APP_INACTIVE, message));
        }
        self.unseal(row)
    }

    /// Opens an app that may be switched off, to ask its provider about it.
    pub(crate) fn unseal(&self, row: ConnectedApp) -> Result<OpenApp, CallError> {
        let provider = self.host.provider(&row.provider).ok_or_else(|| {
            let message = format!(
                "no loaded plugin brings the provider `{}` of the connected app",
                row.provider
            );
            CallError::new(code::APP_UNSUITABLE, message)
        })?;
        let unusable = |why: String| {
            let message = format!(
                "the credentials of the connected app `{}` cannot be used: {why}",
                row.name
            );
            CallError::new(code::CREDENTIAL_UNUSABLE, message)
        };
        let plain = self
            .sealer
            .open(&Subject::new(row.workspace_id, row.id), &row.sealed)
            .map_err(|error| unusable(error.to_string()))?;
        let credentials = Credentials::from_sealed_form(&plain)
            .filter(|credentials| credentials::scheme(&provider.manifest, credentials).is_some())
            .ok_or_else(|| {
                unusable("the plugin has changed how it authenticates; enter them again".to_owned())
            })?;
        let settings = Settings::parse(row.settings.value())
            .map_err(|_| unusable("its settings are damaged; save them again".to_owned()))?;
        Ok(OpenApp {
            rate_limit: RateLimit::of(&row),
            id: row.id,
            revision: row.revision,
            name: row.name,
            provider,
            credentials,
            settings,
        })
    }
}

fn unreadable(error: &StorageError) -> CallError {
    tracing::error!(%error, "a connected app could not be read");
    CallError::new(
        code::APP_UNREADABLE,
        "the connected app could not be read from the database",
    )
    .retryable()
}

/// Says that a node needs an app of a provider, and there is none.
pub fn no_default(provider: &str) -> CallError {
    let message =
        format!("the node names no connected app, and there is none of `{provider}`: connect one");
    CallError::new(code::APP_NOT_FOUND, message)
}
