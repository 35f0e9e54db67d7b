//! The workspace's variables: what expressions read as `vars`.
//!
//! A run sees them as they are when a server takes it up: when it begins, and again after a wait or a restart.

mod delete;
mod known;
mod set;

use jackfield_storage::{Problem, StorageError};

pub(crate) use known::KnownVariables;
pub use set::SetVariable;

/// Why a variable was not set or deleted.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    /// The input has to be changed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<Problem>),
    /// The workspace has no such variable.
    #[error("there is no such variable")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
