//! Plugins: where integrations come from.

mod list;
mod sandbox;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use jackfield_plugin_host as host;

use crate::context::ContextExt;
use crate::node_type::NodeType;
use crate::scalars::Duration;
pub use list::ListPlugins;
pub use sandbox::PluginSandbox;

/// What a plugin's id begins with, to tell it from the ids of rows.
pub const PREFIX: &str = "plugin_";

/// A plugin file that was found, loaded or not.
#[derive(Clone)]
pub struct Plugin(pub Arc<host::Plugin>);

/// Whether a plugin can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "host::PluginStatus")]
pub enum PluginStatus {
    /// Its nodes can be used.
    Ready,
    /// It could not be loaded; `error` says why.
    Failed,
    /// It keeps crashing: its nodes fail with PLUGIN_QUARANTINED for a while; `lastError` says why.
    Quarantined,
}

/// How a plugin is kept apart from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "host::Isolation")]
pub enum PluginIsolation {
    /// In a sandboxed child process: a crash or an endless loop fails the calls in flight and nothing else.
    Process,
    /// In the server's own process, with all its rights.
    InProcess,
}

/// What an operator lets a plugin do.
#[derive(SimpleObject)]
pub struct PluginGrants {
    /// The hosts that its requests may go to: `api.example.com`, `*.example.com`, or `*` for any.
    pub hosts: Vec<String>,
    /// What it may do beyond the usual, such as `secret.reveal`: read credentials in the clear.
    pub capabilities: Vec<String>,
    /// Whether an operator decided so. Otherwise it has what it asks for, because the server loads unsigned plugins.
    pub recorded: bool,
}

impl From<&host::Grants> for PluginGrants {
    fn from(grants: &host::Grants) -> Self {
        let hosts = grants.granted.hosts.iter();
        Self {
            hosts: hosts.map(ToString::to_string).collect(),
            capabilities: grants.granted.capabilities.iter().cloned().collect(),
            recorded: grants.recorded,
        }
    }
}

/// A plugin file that was found, loaded or not.
#[Object]
impl Plugin {
    /// The plugin's id.
    pub async fn id(&self) -> ID {
        format!("{PREFIX}{}", self.0.id()).into()
    }

    /// The name that the plugin gives itself, or that of its file when it could not be loaded.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// The plugin's own version; null when it could not be loaded.
    async fn version(&self) -> Option<&str> {
        self.0.version()
    }

    /// Whether it can be used.
    async fn status(&self) -> PluginStatus {
        self.0.status().into()
    }

    /// Why it cannot be used, with the name of the file; null when it can.
    async fn error(&self) -> Option<&str> {
        self.0.error()
    }

    /// How it is kept apart from the server.
    async fn isolation(&self) -> PluginIsolation {
        self.0.isolation().into()
    }

    /// What really keeps its process from the rest of the machine, as the process itself found it; null in the server's
    /// own process, for a plugin that could not be loaded, and before its process was first started.
    async fn sandbox(&self) -> Option<PluginSandbox> {
        self.0.health().sandbox.map(PluginSandbox)
    }

    /// How often its process ended when it should not have, or had to be ended, since the plugin was loaded.
    async fn crashes(&self) -> i32 {
        i32::try_from(self.0.health().crashes).unwrap_or(i32::MAX)
    }

    /// The last thing that went wrong since it was loaded: why its process ended, or why a newer version of it is not in
    /// service; null when nothing has.
    async fn last_error(&self) -> Option<String> {
        self.0.health().last_error
    }

    /// How long its nodes are refused because it keeps crashing; zero when the next call tries it again, null outside of
    /// quarantine.
    async fn quarantined_for(&self) -> Option<Duration> {
        let left = self.0.health().quarantined_for?;
        jiff::SignedDuration::try_from(left).ok().map(Duration)
    }

    /// The name of the trusted key that signed it; null when it is not signed or could not be loaded.
    async fn signer(&self) -> Option<&str> {
        self.0.grants()?.signer.as_deref()
    }

    /// The SHA-256 of its library in hexadecimal digits; null when it could not be read.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256().map(host::Sha256::as_str)
    }

    /// What it may do; null when it could not be loaded.
    async fn grants(&self) -> Option<PluginGrants> {
        self.0.grants().map(PluginGrants::from)
    }

    /// Its licence, an SPDX expression.
    async fn license(&self) -> Option<&str> {
        self.0.manifest()?.license.as_deref()
    }

    /// Where to read more about it.
    async fn homepage(&self) -> Option<&str> {
        self.0.manifest()?.homepage.as_deref()
    }

    /// Its icon, the text of an SVG.
    async fn icon(&self) -> Option<&str> {
        self.0.manifest()?.icon.as_deref()
    }

    /// The node types that it brings.
    async fn node_types(&self, ctx: &Context<'_>) -> Result<Vec<NodeType>> {
        let workflows = &ctx.services()?.workflows;
        Ok(self
            .0
            .node_types()
            .filter_map(|name| workflows.node_type(name))
            .map(NodeType)
            .collect())
    }
}
