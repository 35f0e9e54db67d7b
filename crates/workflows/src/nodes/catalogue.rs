//! All types of node by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_plugin_host::messages::NodeManifest;

use super::{NodeType, built_in};

/// The node types that definitions can use: the built-in ones and those of the plugins.
#[derive(Debug)]
pub struct Catalogue {
    types: BTreeMap<String, Arc<NodeType>>,
}

impl Catalogue {
    /// The built-in types and those of `plugins`. A plugin cannot replace a built-in type.
    pub fn new<'a>(plugins: impl IntoIterator<Item = &'a NodeManifest>) -> Catalogue {
        let types = plugins
            .into_iter()
            .map(NodeType::plugin)
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
