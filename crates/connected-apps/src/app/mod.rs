//! The apps of a workspace, one verb per file.

mod connect;
mod disconnect;
mod hook;
mod open;
mod set_active;
mod update;
mod write;

use std::sync::Arc;

use jackfield_egress::Egress;
use jackfield_plugin_host::Host;
use jackfield_storage::{Problem, StorageError, Store, ids::ConnectedAppId};

pub use connect::NewApp;
pub(crate) use open::OpenApp;
pub use update::UpdateApp;

use crate::{MasterKey, SealError, Sealer, Tokens, rate_limit::Turns};

/// Connects apps and lends them to steps. Cheap to clone.
#[derive(Clone)]
pub struct ConnectedApps {
    pub(crate) store: Store,
    host: Host,
    egress: Egress,
    sealer: Sealer,
    pub(crate) tokens: Arc<Tokens<ConnectedAppId>>,
    pub(crate) turns: Turns,
}

impl ConnectedApps {
    /// The apps in `store`, sealed with `master`. Token endpoints are asked through `egress`.
    pub fn new(
        store: Store,
        host: Host,
        egress: Egress,
        master: &MasterKey,
    ) -> Result<Self, SealError> {
        let tokens = Tokens::new(egress.clone(), store.clock().clone());
        Ok(Self {
            turns: Turns::new(store.clone()),
            store,
            host,
            egress,
            sealer: Sealer::new(master)?,
            tokens: Arc::new(tokens),
        })
    }

    /// What seals everything else that is secret in the database, such as the secrets of hooks.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }
}

/// Why an app was not connected or changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The input has to be changed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<Problem>),
    /// The workspace has no such app.
    #[error("there is no such connected app")]
    NotFound,
    /// The credentials could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
