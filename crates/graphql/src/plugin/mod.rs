//! Plugins: where integrations come from.

mod list;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use jackfield_plugin_host as host;

use crate::context::ContextExt;
use crate::node_type::NodeType;
pub use list::ListPlugins;

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
