//! The workspace itself is held to its own map.

mod edges;
mod map;
mod members;
mod safety;
