//! The hooks themselves, one verb per file. Those of `webhook` triggers are made and configured by saving their workflow.

mod change;
mod create;
mod rotate_secret;
mod rotate_token;

use std::time::Duration;

use jackfield_connected_apps::{ConnectedApps, SealError};
use jackfield_storage::{Problem, ProblemCode, StorageError, inbound_hook::Scheme};

pub use change::ChangeHook;

/// How long what was replaced stays good unless somebody says otherwise.
pub const OVERLAP: Duration = Duration::from_secs(24 * 3600);

/// Why a hook was not changed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The input has to be changed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<Problem>),
    /// The workspace has no such hook, or no such app.
    #[error("there is no such hook")]
    NotFound,
    /// The secret could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What only a plugin can check needs one that can.
fn check_scheme(apps: &ConnectedApps, scheme: Scheme, provider: &str) -> Result<(), HookError> {
    if scheme != Scheme::Plugin || apps.plugin_receives(provider) {
        return Ok(());
    }
    let message =
        format!("no loaded plugin verifies webhooks of `{provider}`; choose another scheme");
    Err(rejected("scheme", ProblemCode::Invalid, message))
}

fn rejected(field: &str, code: ProblemCode, message: impl Into<String>) -> HookError {
    HookError::Rejected(vec![Problem::new([field], code, message)])
}
