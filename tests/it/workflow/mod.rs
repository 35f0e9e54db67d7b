//! Workflows and their definitions.

mod bad_input;
mod file;
mod lifecycle;
