//! The audit log.

mod list;
mod walk;
