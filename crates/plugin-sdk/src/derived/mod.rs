//! What derived code refers to, and what traits hide. Nothing here is for authors.

mod body;

pub use body::Body;
pub use {schemars, serde, serde_json};

/// What a plugin keeps of a trigger.
pub struct NodeParts(pub(crate) crate::node::NodeParts);
