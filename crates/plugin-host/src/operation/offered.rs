//! What a plugin's manifest offers.

use jackfield_plugin_abi::messages::{
    CallError, NodeManifest, ProviderManifest, ResourceManifest, Trigger, code,
};

use super::Operation;
use crate::plugin::Plugin;

pub(super) fn poll(plugin: &Plugin, node: &str) -> Result<(), CallError> {
    match find_node(plugin, node).and_then(|node| node.trigger.as_ref()) {
        Some(Trigger::Poll(_)) => Ok(()),
        _ => Err(refused(
            plugin,
            format!("the node {node:?} is no trigger that is polled"),
        )),
    }
}

pub(super) fn receive(plugin: &Plugin, operation: &Operation<'_>) -> Result<(), CallError> {
    let node = find_node(plugin, operation.node).and_then(|node| node.trigger.as_ref());
    let by_node = matches!(node, Some(Trigger::Webhook(_)));
    let provider = find_provider(plugin, operation);
    let by_provider = provider.and_then(|provider| provider.webhook.as_ref());
    match by_node || by_provider.is_some_and(|webhook| !webhook.verified_by_host) {
        true => Ok(()),
        false => Err(refused(plugin, "it receives no webhooks".into())),
    }
}

pub(super) fn options(plugin: &Plugin, node: &str, source: &str) -> Result<(), CallError> {
    let sources = find_node(plugin, node).map(|node| &node.option_sources);
    match sources.is_some_and(|sources| sources.iter().any(|offered| offered == source)) {
        true => Ok(()),
        false => Err(refused(
            plugin,
            format!("the node {node:?} has no options {source:?}"),
        )),
    }
}

pub(super) fn credential_test(plugin: &Plugin, operation: &Operation<'_>) -> Result<(), CallError> {
    match find_provider(plugin, operation).is_some_and(|provider| provider.credential_test) {
        true => Ok(()),
        false => Err(refused(plugin, "it has no test for credentials".into())),
    }
}

pub(super) fn resource<'p>(
    plugin: &'p Plugin,
    operation: &Operation<'_>,
    kind: &str,
) -> Result<&'p ResourceManifest, CallError> {
    let provider = find_provider(plugin, operation);
    let mut kinds = provider
        .into_iter()
        .flat_map(|provider| &provider.resources);
    let found = kinds.find(|offered| offered.resource_type == kind);
    found.ok_or_else(|| {
        refused(
            plugin,
            format!("it knows no resources of the type {kind:?}"),
        )
    })
}

pub(super) fn list(plugin: &Plugin, resource: &ResourceManifest) -> Result<(), CallError> {
    match resource.list {
        true => Ok(()),
        false => Err(refused(
            plugin,
            format!("it cannot list {}", resource.resource_type),
        )),
    }
}

pub(super) fn verify(plugin: &Plugin, resource: &ResourceManifest) -> Result<(), CallError> {
    match resource.verify {
        true => Ok(()),
        false => Err(refused(
            plugin,
            format!("it cannot verify {}", resource.resource_type),
        )),
    }
}

fn find_node<'p>(plugin: &'p Plugin, name: &str) -> Option<&'p NodeManifest> {
    let mut nodes = plugin.manifest()?.nodes.iter();
    nodes
        .find(|node| node.node_type == name)
        .map(|node| &**node)
}

fn find_provider<'p>(
    plugin: &'p Plugin,
    operation: &Operation<'_>,
) -> Option<&'p ProviderManifest> {
    let name = operation.provider?;
    let mut providers = plugin.manifest()?.providers.iter();
    providers
        .find(|provider| provider.name == name)
        .map(|provider| &**provider)
}

fn refused(plugin: &Plugin, reason: String) -> CallError {
    let message = format!("the plugin {}: {reason}", plugin.name());
    CallError::new(code::UNSUPPORTED, message)
}
