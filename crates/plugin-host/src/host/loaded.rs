use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_plugin_abi::messages::Manifest;

use crate::plugin::{NodeType, Plugin, Provider};
use crate::transport::process::Program;

/// What a host has at one moment. A reload makes another one; calls in flight keep what they need of this one alive.
#[derive(Default)]
pub(super) struct Loaded {
    /// How many came before it.
    pub(super) number: u64,
    /// What plugins run in, if it is known.
    pub(super) program: Option<Arc<Program>>,
    pub(super) plugins: Vec<Arc<Plugin>>,
    pub(super) nodes: BTreeMap<String, Arc<NodeType>>,
    pub(super) providers: BTreeMap<String, Arc<Provider>>,
}

impl Loaded {
    /// Adds a plugin and what it brings.
    pub(super) fn add(&mut self, plugin: Arc<Plugin>) {
        self.plugins.push(plugin.clone());
        let Some(manifest) = plugin.manifest() else {
            return;
        };
        for node in &manifest.nodes {
            let entry = NodeType {
                plugin: plugin.clone(),
                manifest: node.clone(),
            };
            self.nodes.insert(node.node_type.clone(), Arc::new(entry));
        }
        for provider in &manifest.providers {
            let entry = Provider {
                plugin: plugin.clone(),
                manifest: provider.clone(),
            };
            let name = provider.name.clone();
            self.providers.insert(name, Arc::new(entry));
        }
    }

    /// The plugin of this id, when it can be used.
    pub(super) fn ready(&self, id: &str) -> Option<&Arc<Plugin>> {
        let mut ready = self.plugins.iter().filter(|plugin| plugin.id == id);
        ready.find(|plugin| plugin.manifest().is_some())
    }

    /// Whether the names that a plugin brings are free.
    pub(super) fn takes(&self, plugin: &Plugin) -> bool {
        let manifest = plugin.manifest();
        manifest.is_some_and(|manifest| self.taken(manifest).is_none())
    }

    /// Names are unique on a host: the first plugin that brings one keeps it.
    pub(super) fn taken(&self, manifest: &Manifest) -> Option<String> {
        let clash = |kind: &str, name: &str, holder: &Plugin| {
            let holder = holder.file().display();
            Some(format!("the {kind} {name} is already brought by {holder}"))
        };
        let mut ready = self
            .plugins
            .iter()
            .filter(|plugin| plugin.manifest().is_some());
        if let Some(plugin) = ready.find(|plugin| plugin.name() == manifest.name) {
            return clash("name", &manifest.name, plugin);
        }
        for node in &manifest.nodes {
            if let Some(entry) = self.nodes.get(&node.node_type) {
                return clash("node type", &node.node_type, &entry.plugin);
            }
        }
        for provider in &manifest.providers {
            if let Some(entry) = self.providers.get(&provider.name) {
                return clash("provider", &provider.name, &entry.plugin);
            }
        }
        None
    }

    /// An operator has to know when a machine cannot keep what the default promises.
    pub(super) fn tell_of_sandbox(&self) {
        let mut sandboxes = self
            .plugins
            .iter()
            .filter_map(|plugin| plugin.health().sandbox);
        let Some(sandbox) = sandboxes.find(|sandbox| !sandbox.is_whole()) else {
            return;
        };
        if cfg!(target_os = "linux") {
            tracing::warn!(
                landlock = sandbox.landlock.as_str(),
                landlock_abi = sandbox.landlock_abi,
                seccomp = sandbox.seccomp,
                "this machine's kernel keeps plugins in less than the whole sandbox; the rest is in force"
            );
        } else {
            tracing::warn!(
                "on this system a plugin has a process of its own, but no sandbox: it crashes alone, and can do what this user can"
            );
        }
    }
}
