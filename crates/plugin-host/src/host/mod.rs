//! The plugins of a server: loaded, called, and loaded again while it serves.

mod config;
mod load;
mod loaded;

use std::sync::Arc;

use jackfield_egress::Egress;
use jackfield_plugin_abi::messages::{Call, CallError, Outcome, code};
use parking_lot::RwLock;

pub use config::{HostConfig, PluginLimits};
use loaded::Loaded;

use crate::drive::Driver;
use crate::plugin::{NodeType, Plugin, Provider};
use crate::services::Services;

/// The loaded plugins. Cheap to clone; every clone sees a reload.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    config: HostConfig,
    loaded: RwLock<Arc<Loaded>>,
    reloading: tokio::sync::Mutex<()>,
}

impl Host {
    /// Loads every plugin of the directory. One that cannot be loaded is listed with the reason and fails nothing else.
    pub async fn open(config: HostConfig) -> Self {
        let loaded = load::load(&config, &Loaded::default()).await;
        loaded.tell_of_sandbox();
        Self::having(config, loaded)
    }

    /// A host without plugins.
    pub fn empty(egress: Egress) -> Self {
        Self::having(HostConfig::without_plugins(egress), Loaded::default())
    }

    fn having(config: HostConfig, loaded: Loaded) -> Self {
        Self {
            inner: Arc::new(Inner {
                config,
                loaded: RwLock::new(Arc::new(loaded)),
                reloading: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Looks at the directory again: loads what is new or has changed and lets go of what is gone. Calls that run go on
    /// with the plugin that they began with; a file that has not changed keeps its process.
    pub async fn reload(&self) {
        let _one_at_a_time = self.inner.reloading.lock().await;
        let before = self.loaded();
        let mut loaded = load::load(&self.inner.config, &before).await;
        loaded.number = before.number + 1;
        *self.inner.loaded.write() = Arc::new(loaded);
    }

    fn loaded(&self) -> Arc<Loaded> {
        self.inner.loaded.read().clone()
    }

    /// How often the plugins have been loaded again. Whoever keeps something that was made of them compares this number
    /// to know whether it is stale.
    pub fn loads(&self) -> u64 {
        self.inner.loaded.read().number
    }

    /// Every plugin file that was found, also those that could not be loaded, sorted by file.
    pub fn plugins(&self) -> Vec<Arc<Plugin>> {
        self.loaded().plugins.clone()
    }

    /// A node type by the name that definitions use.
    pub fn node_type(&self, name: &str) -> Option<Arc<NodeType>> {
        self.inner.loaded.read().nodes.get(name).cloned()
    }

    /// Every node type, sorted by name.
    pub fn node_types(&self) -> Vec<Arc<NodeType>> {
        self.inner.loaded.read().nodes.values().cloned().collect()
    }

    /// A provider by the name that connected apps use.
    pub fn provider(&self, name: &str) -> Option<Arc<Provider>> {
        self.inner.loaded.read().providers.get(name).cloned()
    }

    /// Every provider, sorted by name.
    pub fn providers(&self) -> Vec<Arc<Provider>> {
        let loaded = self.inner.loaded.read();
        loaded.providers.values().cloned().collect()
    }

    /// Runs one call of a node to its end. Dropping the future ends the call: what is in flight is given up and the
    /// plugin's instance is closed.
    ///
    /// # Errors
    /// What the node itself reports, or `PLUGIN_FAULT`, `PLUGIN_CRASHED`, `PLUGIN_TIMEOUT`, `PLUGIN_UNAVAILABLE`,
    /// `TOO_LARGE` and `UNSUPPORTED` when it did not come to that.
    pub async fn execute(
        &self,
        call: &Call<'_>,
        services: &dyn Services,
    ) -> Result<Outcome, CallError> {
        let node = self.node_type(&call.node).ok_or_else(|| {
            let message = format!("no plugin brings the node type {}", call.node);
            CallError::new(code::UNSUPPORTED, message)
        })?;
        let driver = Driver {
            host: self,
            node: &node,
            call,
            services,
        };
        driver.run().await
    }

    pub(crate) fn egress(&self) -> &Egress {
        &self.inner.config.egress
    }

    pub(crate) fn limits(&self) -> &PluginLimits {
        &self.inner.config.limits
    }
}
