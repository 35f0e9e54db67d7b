//! The plugins of a server: loaded, called, and loaded again while it serves.

mod config;
mod load;
mod loaded;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jackfield_egress::Egress;
use jackfield_plugin_abi::messages::{Call, CallError, NODE_EXECUTE, Outcome, code};
use parking_lot::RwLock;

pub use config::{HostConfig, PluginLimits};
use loaded::Loaded;

use crate::drive::Driver;
use crate::operation::Operation;
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
    /// What there was to see of the files when they were last loaded.
    seen: AtomicU64,
    reloading: tokio::sync::Mutex<()>,
}

impl Host {
    /// Loads every plugin of the directory. One that cannot be loaded is listed with the reason and fails nothing else.
    pub async fn open(config: HostConfig) -> Self {
        // Looked at before it is loaded: what changes in between is noticed.
        let seen = config.dir.as_deref().map(watch::look_at);
        let loaded = load::load(&config, &Loaded::default()).await;
        loaded.tell_of_sandbox();
        let host = Self::having(config, loaded);
        host.inner
            .seen
            .store(seen.unwrap_or_default(), Ordering::Relaxed);
        host
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
                seen: AtomicU64::new(0),
                reloading: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Looks at the directory again: loads what is new or has changed and lets go of what is gone. Calls that run go on
    /// with the plugin that they began with; a file that has not changed keeps its process.
    pub async fn reload(&self) {
        let _one_at_a_time = self.inner.reloading.lock().await;
        let seen = self.look().await;
        let before = self.loaded();
        let mut loaded = load::load(&self.inner.config, &before).await;
        loaded.number = before.number + 1;
        *self.inner.loaded.write() = Arc::new(loaded);
        self.inner.seen.store(seen, Ordering::Relaxed);
    }

    fn seen(&self) -> u64 {
        self.inner.seen.load(Ordering::Relaxed)
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

    /// Runs one call of a node to its end: [`Host::call`] with the operation `node.execute`.
    ///
    /// # Errors
    /// Those of [`Host::call`].
    pub async fn execute(
        &self,
        call: &Call<'_>,
        services: &dyn Services,
    ) -> Result<Outcome, CallError> {
        self.call(call, services).await
    }

    /// Runs one call to its end. Dropping the future ends the call: what is in flight is given up, and the plugin is told
    /// (`cancel`) and closed in the background.
    ///
    /// # Errors
    /// What the plugin itself reports, or `PLUGIN_MISSING`, `PLUGIN_FAULT`, `PLUGIN_CRASHED`, `PLUGIN_TIMEOUT`,
    /// `PLUGIN_QUARANTINED` and `TOO_LARGE` when it did not come to that.
    pub async fn call(
        &self,
        call: &Call<'_>,
        services: &dyn Services,
    ) -> Result<Outcome, CallError> {
        self.call_with(call, &[], services).await
    }

    /// The same with raw bytes that the call's input points into.
    pub(crate) async fn call_with(
        &self,
        call: &Call<'_>,
        attached: &[u8],
        services: &dyn Services,
    ) -> Result<Outcome, CallError> {
        let node = self.node_type(&call.node);
        let plugin = match &node {
            Some(node) => node.plugin.clone(),
            None => self.bringer(&call.node, call.provider.as_deref())?,
        };
        let node = node.filter(|_| call.op == NODE_EXECUTE);
        let driver = Driver {
            host: self,
            plugin: &plugin,
            ports: node.as_ref().map(|node| &*node.manifest.outputs),
            call,
            attached,
            services,
        };
        driver.run().await
    }

    /// The plugin that an operation is asked of.
    pub(crate) fn plugin_of(&self, operation: &Operation<'_>) -> Result<Arc<Plugin>, CallError> {
        self.bringer(operation.node, operation.provider)
    }

    fn bringer(&self, node: &str, provider: Option<&str>) -> Result<Arc<Plugin>, CallError> {
        let missing = |what: &str, name: &str| {
            let message = format!(
                "no plugin that is loaded brings the {what} {name:?}; install one, or see `jackfield plugin list` for why it is not loaded"
            );
            CallError::new(code::PLUGIN_MISSING, message)
        };
        match provider {
            _ if !node.is_empty() => match self.node_type(node) {
                Some(found) => Ok(found.plugin.clone()),
                None => Err(missing("node type", node)),
            },
            Some(name) => match self.provider(name) {
                Some(found) => Ok(found.plugin.clone()),
                None => Err(missing("provider", name)),
            },
            None => Err(missing("node type", "")),
        }
    }

    pub(crate) fn egress(&self) -> &Egress {
        &self.inner.config.egress
    }

    pub(crate) fn limits(&self) -> &PluginLimits {
        &self.inner.config.limits
    }
}
