use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::{AuthError, Authenticator};

/// How often a token is looked at again although nothing was said: it may have expired.
const EVERY: Duration = Duration::from_secs(15);

impl Authenticator {
    /// Waits until what somebody may do may have changed since this was asked for the first time, or a while has passed: then
    /// whoever serves the holder of a token for long looks at it again.
    pub fn recheck(&self) -> Recheck {
        let mut every = interval_at(Instant::now() + EVERY, EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Recheck {
            changes: self.0.store.access_changes(),
            every,
        }
    }

    /// Waits until a token is not accepted any more.
    pub async fn refused(&self, token: &str) -> AuthError {
        let mut recheck = self.recheck();
        loop {
            recheck.due().await;
            match self.authenticate(token).await {
                // Whether it is good cannot be told now; it was a moment ago.
                Ok(_) | Err(AuthError::Unavailable(_)) => {}
                Err(error) => return error,
            }
        }
    }
}

/// Tells when a token should be looked at again.
pub struct Recheck {
    changes: watch::Receiver<u64>,
    every: Interval,
}

impl Recheck {
    /// Waits for that.
    pub async fn due(&mut self) {
        tokio::select! {
            Ok(()) = self.changes.changed() => {}
            _ = self.every.tick() => {}
        }
    }
}
