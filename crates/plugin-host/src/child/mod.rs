//! The process that a plugin lives in: the server's own program, started again.

/// The hidden first argument that makes the server a plugin's process.
pub const CHILD_ARG: &str = "plugin-child";
