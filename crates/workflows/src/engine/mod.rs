//! Runs workflows.

mod definitions;

pub(crate) use definitions::Definitions;
