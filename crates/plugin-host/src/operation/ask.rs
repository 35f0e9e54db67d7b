use jackfield_plugin_abi::frame::Attachments;
use jackfield_plugin_abi::messages::{
    CREDENTIAL_TEST, Call, CallError, CredentialTested, Header, OPTIONS_LOAD, Options,
    OptionsQuery, PollInput, Polled, RESOURCE_LIST, RESOURCE_VERIFY, Received, ReceivedRequest,
    ResourceQuery, ResourceRef, ResourceVerified, Resources, TRIGGER_POLL, WEBHOOK_RECEIVE, code,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

use super::result::{CheckLimit, Checked};
use super::{IncomingRequest, Operation, offered};
use crate::host::Host;
use crate::plugin::Plugin;
use crate::services::Services;
use crate::transport::Fault;

/// Each of these ends like [`Host::call`], and besides with `UNSUPPORTED` when the plugin does not offer the operation,
/// and with `PLUGIN_FAULT` when its result is not what the operation returns.
impl Host {
    /// Asks a trigger node what is new.
    ///
    /// # Errors
    /// See above.
    pub async fn poll(
        &self,
        operation: &Operation<'_>,
        input: &PollInput,
        services: &dyn Services,
    ) -> Result<Polled, CallError> {
        let plugin = self.plugin_of(operation)?;
        offered::poll(&plugin, operation.node)?;
        let polled: Polled = self
            .ask(
                &plugin,
                &operation.call(TRIGGER_POLL, &raw(input)?),
                &[],
                services,
            )
            .await?;
        blamed(&plugin, polled.check_limit(input.limit))?;
        Ok(polled)
    }

    /// Has a plugin verify and read a request that a provider sent.
    ///
    /// # Errors
    /// See above.
    pub async fn receive(
        &self,
        operation: &Operation<'_>,
        request: IncomingRequest<'_>,
        services: &dyn Services,
    ) -> Result<Received, CallError> {
        let plugin = self.plugin_of(operation)?;
        offered::receive(&plugin, operation)?;
        let mut attachments = Attachments::default();
        let header =
            |(name, value): &(String, String)| Header(name.clone().into(), value.clone().into());
        let input = ReceivedRequest {
            method: request.method.into(),
            url: request.url.into(),
            headers: request.headers.iter().map(header).collect(),
            body: attachments.attach(request.body),
        };
        let attached = attachments.bytes();
        self.ask(
            &plugin,
            &operation.call(WEBHOOK_RECEIVE, &raw(&input)?),
            attached,
            services,
        )
        .await
    }

    /// Loads the choices of a config field. The config may be incomplete.
    ///
    /// # Errors
    /// See above.
    pub async fn options(
        &self,
        operation: &Operation<'_>,
        query: &OptionsQuery,
        services: &dyn Services,
    ) -> Result<Options, CallError> {
        let plugin = self.plugin_of(operation)?;
        offered::options(&plugin, operation.node, &query.source)?;
        self.ask(
            &plugin,
            &operation.call(OPTIONS_LOAD, &raw(query)?),
            &[],
            services,
        )
        .await
    }

    /// Asks a provider whether the credential in the slot `default` works. One that the provider refuses is an error with
    /// the code `CREDENTIAL`.
    ///
    /// # Errors
    /// See above.
    pub async fn test_credential(
        &self,
        operation: &Operation<'_>,
        services: &dyn Services,
    ) -> Result<CredentialTested, CallError> {
        let plugin = self.plugin_of(operation)?;
        offered::credential_test(&plugin, operation)?;
        let input = serde_json::Map::new();
        self.ask(
            &plugin,
            &operation.call(CREDENTIAL_TEST, &raw(&input)?),
            &[],
            services,
        )
        .await
    }

    /// Lists what an account has of a kind.
    ///
    /// # Errors
    /// See above.
    pub async fn resources(
        &self,
        operation: &Operation<'_>,
        query: &ResourceQuery,
        services: &dyn Services,
    ) -> Result<Resources, CallError> {
        let plugin = self.plugin_of(operation)?;
        let kind = offered::resource(&plugin, operation, &query.resource_type)?;
        offered::list(&plugin, kind)?;
        self.ask(
            &plugin,
            &operation.call(RESOURCE_LIST, &raw(query)?),
            &[],
            services,
        )
        .await
    }

    /// Asks a provider whether a resource may be used.
    ///
    /// # Errors
    /// See above.
    pub async fn verify_resource(
        &self,
        operation: &Operation<'_>,
        resource: &ResourceRef,
        services: &dyn Services,
    ) -> Result<ResourceVerified, CallError> {
        let plugin = self.plugin_of(operation)?;
        let kind = offered::resource(&plugin, operation, &resource.resource_type)?;
        offered::verify(&plugin, kind)?;
        self.ask(
            &plugin,
            &operation.call(RESOURCE_VERIFY, &raw(resource)?),
            &[],
            services,
        )
        .await
    }

    async fn ask<T: DeserializeOwned + Checked>(
        &self,
        plugin: &Plugin,
        call: &Call<'_>,
        attached: &[u8],
        services: &dyn Services,
    ) -> Result<T, CallError> {
        let outcome = self.call_with(call, attached, services).await?;
        let read: Result<T, _> = serde_json::from_str(outcome.output.get());
        let checked = read
            .map_err(|error| error.to_string())
            .and_then(|result| result.check().map(|()| result));
        let op = &call.op;
        blamed(
            plugin,
            checked.map_err(|reason| format!("its result of {op}: {reason}")),
        )
    }
}

fn raw(input: &impl Serialize) -> Result<Box<RawValue>, CallError> {
    to_raw_value(input).map_err(|error| CallError::new(code::INTERNAL, error.to_string()))
}

/// Blames the plugin for what is wrong with its result.
fn blamed<T>(plugin: &Plugin, result: Result<T, String>) -> Result<T, CallError> {
    result.map_err(|reason| Fault::Misbehaved(reason).into_error(plugin.name()))
}
