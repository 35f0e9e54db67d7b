//! Plugins that do harm: the host survives, the call fails with a named error, and the next plugin works.

mod call;
pub mod collection;
mod load;
mod puppet;
