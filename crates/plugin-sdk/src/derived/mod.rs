//! What derived code refers to. Nothing here is for authors.

mod body;

pub use body::Body;
pub use {schemars, serde, serde_json};
