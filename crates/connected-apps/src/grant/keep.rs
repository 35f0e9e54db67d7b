use std::time::Duration;

use jackfield_storage::{
    StorageError,
    access::{ManageApps, Permit},
    app_grant::{self, AppGrant},
};
use tokio::time::{Instant, sleep};

use crate::ConnectedApps;

/// How long it is tried to store tokens that were got, before they are given up: what they were got with works once, so they are all
/// that there is.
const LONGEST: Duration = Duration::from_secs(600);

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// How tokens are stored.
#[derive(Clone, Copy)]
pub(super) enum Instead {
    /// In the place of those of the generation before, by whom has its lease.
    OfLast,
    /// In the place of any that there are.
    OfAny,
}

impl ConnectedApps {
    /// Stores tokens that were got. As long as the database is away they are kept in memory and it is tried again. False when those are
    /// gone in whose place they were to be.
    pub(super) async fn keep(
        &self,
        grant: AppGrant,
        instead: Instead,
    ) -> Result<bool, StorageError> {
        let permit = Permit::<ManageApps>::system(grant.workspace_id, "oauth");
        let since = Instant::now();
        loop {
            let (grant, app) = (grant.clone(), grant.app_id);
            let writer = self.store.writer();
            let kept = writer.call(&permit, move |call| {
                Box::pin(async move {
                    match instead {
                        Instead::OfLast => app_grant::renew(call, grant).await,
                        Instead::OfAny => app_grant::put(call, grant).await.map(|()| true),
                    }
                })
            });
            match kept.await {
                Err(error) if since.elapsed() < LONGEST => {
                    tracing::error!(%error, %app, "new tokens could not be stored; they are kept in memory and it is tried again");
                    sleep(PAUSE).await;
                }
                kept => return kept,
            }
        }
    }
}
