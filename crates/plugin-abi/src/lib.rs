//! The plugin ABI, major 1: the boundary between a Jackfield host and a plugin that somebody else compiled.
//!
//! `include/jackfield_plugin.h` is the contract; [`layout`] holds the same types for Rust, and a test compiles the header
//! and compares sizes and offsets. The feature `messages` adds the frame codec and the typed messages ([`frame`],
//! [`messages`]), which the host and the SDK share.
//!
//! A plugin author uses `jackfield-plugin-sdk` and does not see this crate.

pub mod layout;

#[cfg(feature = "messages")]
pub mod frame;
#[cfg(feature = "messages")]
pub mod messages;
#[cfg(feature = "schema")]
pub mod schema;

pub use layout::{ENTRY_SYMBOL, HostV1, Instance, MINOR, Out, PluginV1, Status};
