//! Asking a provider something on behalf of an app, outside of any run.

use std::sync::Arc;
use std::time::Duration;

use jackfield_plugin_host::{
    Operation, Provider,
    messages::{CallError, CredentialSlot, CredentialTested, code},
    messages::{ResourceQuery, ResourceRef, ResourceVerified, Resources},
};
use jackfield_storage::{credential_use::UsePurpose, ids::WorkspaceId};
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::timeout;

use super::{ConnectedApps, OpenApp};
use crate::{Account, services::StepServices};

/// How long a provider may take to answer one question.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks the provider of one app.
pub(crate) struct Questions {
    apps: ConnectedApps,
    provider: Arc<Provider>,
    settings: Box<RawValue>,
    services: StepServices,
}

impl ConnectedApps {
    /// Questions to the provider of an app. Its rate limit holds for them, too, and each request is written down.
    pub(crate) fn questions(
        &self,
        workspace: WorkspaceId,
        app: OpenApp,
        purpose: UsePurpose,
    ) -> Questions {
        let provider = app.provider.clone();
        let settings = to_raw_value(&app.settings.for_plugin());
        let deadline = self.store.clock().now().after(PATIENCE);
        Questions {
            apps: self.clone(),
            provider,
            settings: settings.unwrap_or_default(),
            services: self
                .lend(workspace, None, Some(app), Account::Own(purpose))
                .with_deadline(deadline),
        }
    }
}

impl Questions {
    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Whether the provider takes the credentials.
    pub(crate) async fn test_credential(&self) -> Result<CredentialTested, CallError> {
        let operation = self.operation();
        in_time(self.apps.host.test_credential(&operation, &self.services)).await
    }

    /// One page of what the account has.
    pub(crate) async fn list_resources(
        &self,
        query: &ResourceQuery,
    ) -> Result<Resources, CallError> {
        let operation = self.operation();
        in_time(self.apps.host.resources(&operation, query, &self.services)).await
    }

    /// Whether a resource may be used.
    pub(crate) async fn verify_resource(
        &self,
        resource: &ResourceRef,
    ) -> Result<ResourceVerified, CallError> {
        let operation = self.operation();
        in_time(
            self.apps
                .host
                .verify_resource(&operation, resource, &self.services),
        )
        .await
    }

    fn operation(&self) -> Operation<'_> {
        let name = self.provider.manifest.name.as_str();
        Operation {
            credentials: vec![CredentialSlot {
                slot: CredentialSlot::DEFAULT.into(),
                provider: name.into(),
                settings: Some(&self.settings),
            }],
            timeout: Some(PATIENCE),
            ..Operation::of_provider(name)
        }
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
    timeout(PATIENCE, answer).await.unwrap_or_else(|_| {
        let message = format!("the provider took longer than {PATIENCE:?}");
        Err(CallError::new(code::TIMEOUT, message).retryable())
    })
}
