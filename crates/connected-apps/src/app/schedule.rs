//! Checks apps when they are due, wherever they are: whoever claims one first checks it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jackfield_storage::{StorageError, connected_app};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{AppError, ConnectedApps};

/// How many apps one node checks at once.
const AT_ONCE: usize = 4;
/// How many it claims.
const CLAIM: u64 = 16;
/// How long they are nobody else's: longer than all of them can take.
const LEASE: Duration = Duration::from_secs(600);
/// How often to look what other nodes have connected.
const LOOK: Duration = Duration::from_secs(30);

/// When apps are checked.
#[derive(Clone)]
pub(crate) struct Checks {
    pub(crate) interval: Duration,
    due: Arc<Notify>,
}

impl Checks {
    pub(crate) fn every(interval: Duration) -> Self {
        Self {
            interval,
            due: Arc::default(),
        }
    }

    /// An app may be due sooner than it was.
    pub(crate) fn notify(&self) {
        self.due.notify_one();
    }
}

impl ConnectedApps {
    /// The same apps, checked so often.
    #[must_use]
    pub fn checked_every(mut self, interval: Duration) -> Self {
        self.checks = Checks::every(interval);
        self
    }

    /// Begins to check apps when they are due, unless the interval is zero. Must be called within a tokio runtime.
    pub fn start_checks(&self) -> JoinHandle<()> {
        let apps = self.clone();
        tokio::spawn(async move {
            if apps.checks.interval.is_zero() {
                return;
            }
            loop {
                let pause = match apps.check_all_due().await {
                    Ok(pause) => pause,
                    Err(error) => {
                        tracing::error!(%error, "the connected apps that are due could not be read");
                        LOOK
                    }
                };
                // Woken early or not, there is nothing to do but look.
                let _ = timeout(pause, apps.checks.due.notified()).await;
            }
        })
    }

    /// Checks what is due, and says how long to wait before looking again.
    async fn check_all_due(&self) -> Result<Duration, StorageError> {
        loop {
            let now = self.store.clock().now();
            match connected_app::next_check(self.store.reader()).await? {
                None => return Ok(LOOK),
                Some(next) if next > now => return Ok(next.since(now).min(LOOK)),
                Some(_) => {}
            }
            let claimed = self.store.writer().claim_app_checks(CLAIM, LEASE).await?;
            let checks = claimed.into_iter().map(|app| async move {
                let id = app.id;
                match self.check_due(app).await {
                    // It was disconnected in the meantime.
                    Ok(()) | Err(AppError::NotFound) => {}
                    Err(error) => {
                        tracing::error!(%error, app = %id, "a connected app could not be checked")
                    }
                }
            });
            stream::iter(checks)
                .buffer_unordered(AT_ONCE)
                .collect::<()>()
                .await;
        }
    }
}
