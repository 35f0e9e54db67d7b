//! What derived code refers to, and what traits hide. Nothing here is for authors.

mod body;
mod members;

pub use body::Body;
pub use members::{Members, members};
pub use {schemars, serde, serde_json};

/// What a plugin keeps of a trigger.
pub struct NodeParts(pub(crate) crate::node::NodeParts);
