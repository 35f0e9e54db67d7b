//! The apps of a workspace, one verb per file.

mod ask;
mod check;
mod connect;
mod disconnect;
mod hook;
mod open;
mod schedule;
mod set_active;
mod set_default;
mod tell;
mod test;
mod update;
mod usage;
mod write;

use std::sync::Arc;
use std::time::Duration;

use jackfield_egress::Egress;
use jackfield_plugin_host::Host;
use jackfield_storage::{Problem, StorageError, Store, ids::ConnectedAppId};

pub(crate) use ask::Questions;
pub use connect::NewApp;
pub(crate) use hook::WEBHOOK_SECRET;
pub(crate) use open::OpenApp;
pub use open::no_default;
use schedule::Checks;
pub use tell::STATUS_EVENTS;
pub use update::UpdateApp;
pub use usage::Use;

use crate::{MasterKey, SealError, Sealer, Tokens, grant::Grants, rate_limit::Turns};

/// Who the server's own work is done as.
pub(crate) const PART: &str = "connected apps";

/// How often apps are checked unless somebody says otherwise.
const INTERVAL: Duration = Duration::from_secs(3600);

/// Connects apps and lends them to steps. Cheap to clone.
#[derive(Clone)]
pub struct ConnectedApps {
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) egress: Egress,
    sealer: Sealer,
    pub(crate) tokens: Arc<Tokens<ConnectedAppId>>,
    pub(crate) grants: Arc<Grants>,
    pub(crate) turns: Turns,
    checks: Checks,
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
            checks: Checks::every(INTERVAL),
            store,
            host,
            egress,
            sealer: Sealer::new(master)?,
            tokens: Arc::new(tokens),
            grants: Arc::default(),
        })
    }

    /// What seals everything else that is secret in the database, such as the secrets of hooks.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }
}

/// Why an app or a resource was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The input has to be changed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<Problem>),
    /// The workspace has no such app or resource.
    #[error("there is no such connected app or resource")]
    NotFound,
    /// The credentials could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
