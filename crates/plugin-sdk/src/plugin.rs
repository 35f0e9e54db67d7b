use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_plugin_abi::messages::{
    CallError, Manifest, NODE_EXECUTE, OPTIONS_LOAD, OptionsQuery, RESOURCE_LIST, RESOURCE_VERIFY,
    TRIGGER_POLL, WEBHOOK_RECEIVE, capability, code,
};
use serde_json::value::RawValue;

use crate::call::{Opened, Start, Work};
use crate::node::NodeParts;
use crate::trigger::{start_poll, start_webhook};
use crate::{Node, Operations, Poll, Provider, Result, Returned, Webhook, schema_of};

/// A plugin: what it is called, and the node types and providers that it brings. Given to
/// [`export!`](crate::export!).
pub struct Plugin {
    manifest: Manifest,
    starts: BTreeMap<String, Start>,
}

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
            starts: BTreeMap::new(),
        }
    }

    /// What it is for, in one or two sentences.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        description.clone_into(&mut self.manifest.description);
        self
    }

    /// Its licence, an SPDX expression such as `MIT OR Apache-2.0`.
    #[must_use]
    pub fn license(mut self, license: &str) -> Self {
        self.manifest.license = Some(license.to_owned());
        self
    }

    /// Where to read more, an `https` URL.
    #[must_use]
    pub fn homepage(mut self, url: &str) -> Self {
        self.manifest.homepage = Some(url.to_owned());
        self
    }

    /// Its icon, the text of an SVG, commonly `include_str!("icon.svg")`.
    #[must_use]
    pub fn icon(mut self, svg: &str) -> Self {
        self.manifest.icon = Some(svg.to_owned());
        self
    }

    /// Every host that it wants to reach: names, `*.example.com`, or `*` for any. Without it those of its providers. The
    /// operator grants them.
    #[must_use]
    pub fn hosts<'a>(mut self, hosts: impl IntoIterator<Item = &'a str>) -> Self {
        let hosts = hosts.into_iter().map(str::to_owned);
        self.manifest.hosts.get_or_insert_default().extend(hosts);
        self
    }

    /// Asks for the right to [`Context::reveal`](crate::Context::reveal), which the operator grants.
    #[must_use]
    pub fn reveals_secrets(mut self) -> Self {
        self.manifest
            .capabilities
            .push(capability::SECRET_REVEAL.to_owned());
        self
    }

    /// Translates texts of the manifest into a language (BCP 47, such as `de`): pairs of key and text. Keys are paths
    /// through the manifest by names: `description`, `nodes.slack.name`, `nodes.slack.config.channel.title`,
    /// `providers.slack.title`.
    #[must_use]
    pub fn locale<'a>(
        mut self,
        language: &str,
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let texts = texts
            .into_iter()
            .map(|(key, text)| (key.to_owned(), text.to_owned()));
        self.manifest
            .locales
            .entry(language.to_owned())
            .or_default()
            .extend(texts);
        self
    }

    /// Adds a node type.
    #[must_use]
    pub fn node<N: Node>(self) -> Self {
        let parts = N::about().into_parts(N::TYPE, schema_of::<N>(), N::Output::schema());
        self.add(
            parts,
            NODE_EXECUTE,
            Box::new(|opened| {
                let (node, context) = (opened.config::<N>()?, opened.context.clone());
                Ok(Box::pin(async move {
                    node.run(context).await?.into_output().into_outcome()
                }))
            }),
        )
    }

    /// Adds a node type with several operations.
    #[must_use]
    pub fn operations(self, operations: Operations) -> Self {
        let (parts, start) = operations.into_parts();
        self.add(parts, NODE_EXECUTE, start)
    }

    /// Adds a trigger that is asked.
    #[must_use]
    pub fn poll<P: Poll>(self) -> Self {
        self.add(P::parts().0, TRIGGER_POLL, Box::new(start_poll::<P>))
    }

    /// Adds a trigger that is told.
    #[must_use]
    pub fn webhook<W: Webhook>(self) -> Self {
        self.add(W::parts().0, WEBHOOK_RECEIVE, Box::new(start_webhook::<W>))
    }

    fn add(mut self, parts: NodeParts, operation: &str, start: Start) -> Self {
        let NodeParts { manifest, options } = parts;
        let subject = format!("node {}", manifest.node_type);
        for (source, start) in options {
            self.starts
                .insert(key(OPTIONS_LOAD, &subject, &source), start);
        }
        self.starts.insert(key(operation, &subject, ""), start);
        self.manifest.nodes.push(Arc::new(manifest));
        self
    }

    /// Adds a provider.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        let (manifest, starts) = provider.into_parts();
        let subject = format!("provider {}", manifest.name);
        for (operation, detail, start) in starts {
            self.starts.insert(key(operation, &subject, &detail), start);
        }
        self.manifest.providers.push(Arc::new(manifest));
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

    /// Begins a call.
    pub(crate) fn start(&self, opened: &Opened<'_>) -> Result<Work> {
        let call = opened.call;
        let detail = detail(&call.op, call.input)?;
        let node = Some(&call.node).filter(|node| !node.is_empty());
        let subjects = [
            node.map(|node| format!("node {node}")),
            call.provider
                .as_ref()
                .map(|provider| format!("provider {provider}")),
        ];
        let mut keys = subjects
            .iter()
            .flatten()
            .map(|subject| key(&call.op, subject, &detail));
        match keys.find_map(|key| self.starts.get(&key)) {
            Some(start) => start(opened),
            None => Err(self.unsupported(&call.op, &subjects, &detail)),
        }
    }

    fn unsupported(&self, operation: &str, subjects: &[Option<String>], detail: &str) -> CallError {
        let Manifest { name, version, .. } = &self.manifest;
        let is_known = self
            .starts
            .keys()
            .any(|key| key.starts_with(&format!("{operation} ")));
        let subject = subjects.iter().flatten().next().map_or("", String::as_str);
        let message = match subject.strip_prefix("node ") {
            Some(node) if operation == NODE_EXECUTE => {
                format!("The plugin {name} {version} has no node type {node}.")
            }
            _ if is_known => format!(
                "The plugin {name} {version} does not answer {operation} for the {subject} {detail}"
            )
            .trim_end()
            .to_owned()
                + ".",
            _ => format!("The plugin {name} {version} does not know the operation {operation}."),
        };
        CallError::new(code::UNSUPPORTED, message)
    }
}

fn key(operation: &str, subject: &str, detail: &str) -> String {
    format!("{operation} {subject} {detail}")
}

/// What of several things of one kind is meant.
fn detail(operation: &str, input: &RawValue) -> Result<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Resource {
        resource_type: String,
    }
    let read = match operation {
        OPTIONS_LOAD => serde_json::from_str::<OptionsQuery>(input.get()).map(|query| query.source),
        RESOURCE_LIST | RESOURCE_VERIFY => {
            serde_json::from_str::<Resource>(input.get()).map(|of| of.resource_type)
        }
        _ => return Ok(String::new()),
    };
    read.map_err(|error| {
        let message = format!("The arguments of {operation} are not valid: {error}.");
        CallError::new(code::INVALID_INPUT, message)
    })
}
