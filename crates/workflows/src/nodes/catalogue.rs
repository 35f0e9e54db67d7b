//! All types of node by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_plugin_host::Host;
use jackfield_plugin_host::messages::NodeManifest;
use parking_lot::Mutex;

use super::{NodeType, built_in};

/// The node types that definitions can use: the built-in ones and those of the plugins.
#[derive(Debug)]
pub struct Catalogue {
    types: BTreeMap<String, Arc<NodeType>>,
}

impl Catalogue {
    /// The built-in types and those of `plugins`. A plugin cannot replace a built-in type.
    pub fn new<'a>(plugins: impl IntoIterator<Item = &'a Arc<NodeManifest>>) -> Catalogue {
        let types = plugins
            .into_iter()
            .map(|manifest| NodeType::plugin(manifest))
            .chain(built_in())
            .map(|kind| (kind.name.clone(), Arc::new(kind)))
            .collect();
        Catalogue { types }
    }

    /// The type of that name.
    pub fn get(&self, name: &str) -> Option<Arc<NodeType>> {
        self.types.get(name).cloned()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// All types, sorted by name.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Arc<NodeType>> {
        self.types.values()
    }
}

/// The catalogue of the plugins that are loaded at the moment.
pub(crate) struct Current {
    host: Host,
    /// The newest that was made, and the load of plugins that it was made from.
    newest: Mutex<(u64, Arc<Catalogue>)>,
}

impl Current {
    /// The catalogue of a host.
    pub(crate) fn new(host: Host) -> Current {
        let newest = Mutex::new(made_from(&host));
        Current { host, newest }
    }

    /// The catalogue, made anew when the plugins have been loaded again.
    pub(crate) fn get(&self) -> Arc<Catalogue> {
        self.numbered().1
    }

    /// The same with its number, which is higher for a later one.
    pub(crate) fn numbered(&self) -> (u64, Arc<Catalogue>) {
        let mut newest = self.newest.lock();
        if newest.0 != self.host.loads() {
            *newest = made_from(&self.host);
        }
        newest.clone()
    }
}

fn made_from(host: &Host) -> (u64, Arc<Catalogue>) {
    // Asked first: when a load comes in between, the catalogue is made once more and not once too little.
    let loads = host.loads();
    let plugins = host.node_types();
    let catalogue = Catalogue::new(plugins.iter().map(|node| &node.manifest));
    (loads, Arc::new(catalogue))
}
