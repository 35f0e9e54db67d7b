use std::future::Future;
use std::pin::Pin;

use jackfield_plugin_abi::messages::{CallError, Manifest, NodeManifest, ProviderManifest, code};
use serde_json::value::RawValue;

use crate::{Context, Node, Output, Provider, Result, Returned, schema_of};

/// A plugin: what it is called, and the node types and providers that it brings. Given to
/// [`export!`](crate::export!).
pub struct Plugin {
    manifest: Manifest,
    starts: Vec<Start>,
}

/// A call of a node, on its way.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Output>> + Send>>;

type Start = fn(config: &RawValue, context: Context) -> Result<Work>;

impl Plugin {
    /// A plugin without anything. `name` has lower case letters, digits and hyphens; `version` is SemVer, commonly
    /// `env!("CARGO_PKG_VERSION")`.
    pub fn new(name: &str, version: &str) -> Self {
        let manifest = Manifest {
            name: name.to_owned(),
            version: version.to_owned(),
            ..Manifest::default()
        };
        Self {
            manifest,
            starts: Vec::new(),
        }
    }

    /// What it is for, in one or two sentences.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        description.clone_into(&mut self.manifest.description);
        self
    }

    /// Adds a node type.
    #[must_use]
    pub fn node<N: Node>(mut self) -> Self {
        let manifest = N::about().into_manifest(N::TYPE, schema_of::<N>(), N::Output::schema());
        self.manifest.nodes.push(manifest);
        self.starts.push(start::<N>);
        self
    }

    /// Adds a provider.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.manifest
            .providers
            .push(ProviderManifest::from(provider));
        self
    }

    /// Names a [`feature`](crate::feature) without which the plugin cannot work: a host that has it not refuses the plugin.
    #[must_use]
    pub fn requires(mut self, feature: &str) -> Self {
        self.manifest.requires.push(feature.to_owned());
        self
    }

    /// What the plugin tells a host about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn start(
        &self,
        node_type: &str,
        config: &RawValue,
        context: Context,
    ) -> Result<Work> {
        let named = |node: &NodeManifest| node.node_type == node_type;
        let position = self.manifest.nodes.iter().position(named);
        let start = position.and_then(|position| self.starts.get(position));
        let start = start.ok_or_else(|| {
            let Manifest { name, version, .. } = &self.manifest;
            let message = format!("The plugin {name} {version} has no node type {node_type}.");
            CallError::new(code::UNSUPPORTED, message)
        })?;
        start(config, context)
    }
}

fn start<N: Node>(config: &RawValue, context: Context) -> Result<Work> {
    let mut json = serde_json::Deserializer::from_str(config.get());
    let node: N = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let reason = error.into_inner().to_string();
        // The place in a text that nobody sees says less than the field.
        let reason = reason.split(" at line ").next().unwrap_or_default();
        let subject = match field.as_str() {
            "." | "?" => format!("The config of {}", N::TYPE),
            field => format!("{field} in the config of {}", N::TYPE),
        };
        CallError::new(
            code::INVALID_CONFIG,
            format!("{subject} is not valid: {reason}."),
        )
    })?;
    Ok(Box::pin(async move {
        Ok(node.run(context).await?.into_output())
    }))
}
