//! The limit of an app, as one call meets it.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jackfield_plugin_host::messages::CallError;
use jackfield_storage::{
    StorageError, Timestamp,
    ids::{ConnectedAppId, WorkspaceId},
};
use parking_lot::Mutex;

use super::retry_after::retry_after;
use super::turns::Of;
use super::{RateLimit, Turns};
use crate::app::{ConnectedApps, OpenApp};
use crate::code;

/// A turn that is further away is not waited for with a call under way.
const PATIENCE: Duration = Duration::from_secs(1);
/// So long before its turn a step is woken.
const LEAD: Duration = Duration::from_millis(500);
/// A turn that is used later than this would crowd those after it.
const GRACE: Duration = Duration::from_secs(1);
/// The longest pause that another side may ask for.
const LONGEST_HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// Hands the turns of its app to the requests of one call.
pub(crate) struct Limited {
    turns: Turns,
    of: Of,
    name: String,
    /// A turn that was taken for a request which is still to come.
    taken: Mutex<Option<Timestamp>>,
    /// When the call is given up.
    deadline: Option<Timestamp>,
}

/// The turn of a step's first request is so far away that the step had better wait for it without a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// The app whose limit it is.
    pub app: ConnectedAppId,
    /// When to begin the call: shortly before the turn, which is kept until then.
    pub wake_at: Timestamp,
}

impl Limited {
    /// None when the app has no limit.
    pub fn new(turns: &Turns, workspace: WorkspaceId, app: &OpenApp) -> Option<Self> {
        let of = Of {
            workspace,
            app: app.id,
            limit: app.rate_limit?,
        };
        Some(Self {
            turns: turns.clone(),
            of,
            name: app.name.clone(),
            taken: Mutex::default(),
            deadline: None,
        })
    }

    /// Requests whose turn would come after `deadline` fail at once.
    pub fn until(&mut self, deadline: Timestamp) {
        self.deadline = Some(deadline);
    }

    /// Takes the turn of the first request. `wake_at` is what the earlier [`Later`] said for which the step has waited.
    pub async fn first(&self, wake_at: Option<Timestamp>) -> Result<Option<Later>, CallError> {
        let kept = wake_at.map(|wake_at| wake_at.after(LEAD));
        let turn = match kept {
            Some(turn) if self.turns.now().since(turn) <= GRACE && !self.is_held().await? => turn,
            _ => self.take().await?,
        };
        if turn.since(self.turns.now()) > PATIENCE {
            return Ok(Some(Later {
                app: self.of.app,
                wake_at: turn.before(LEAD),
            }));
        }
        *self.taken.lock() = Some(turn);
        Ok(None)
    }

    /// Waits for the turn of a request.
    pub async fn wait(&self) -> Result<(), CallError> {
        let taken = self.taken.lock().take();
        let mut turn = match taken {
            Some(turn) => turn,
            None => self.take().await?,
        };
        loop {
            let now = self.turns.now();
            let wait = turn.since(now);
            if wait.is_zero() && now.since(turn) <= GRACE {
                return Ok(());
            }
            if wait.is_zero() {
                turn = self.take().await?;
                continue;
            }
            if self.deadline.is_some_and(|deadline| turn > deadline) {
                return Err(self.too_late(turn, wait));
            }
            tokio::time::sleep(wait).await;
            if self.is_held().await? {
                turn = self.take().await?;
            }
        }
    }

    /// Looks for what an answer says about the requests to come.
    pub async fn answered(&self, status: StatusCode, headers: &HeaderMap) {
        if status != StatusCode::TOO_MANY_REQUESTS {
            return;
        }
        let Some(pause) = retry_after(headers, self.turns.now()) else {
            return;
        };
        let pause = pause.min(LONGEST_HOLD);
        tracing::info!(app = %self.of.app, ?pause, "the provider wants no requests for a while");
        if let Err(error) = self.turns.hold(self.of, pause).await {
            tracing::error!(%error, app = %self.of.app, "it could not be written that the provider wants no requests");
        }
    }

    async fn take(&self) -> Result<Timestamp, CallError> {
        let taken = self.turns.take(self.of).await;
        taken
            .map_err(|error| self.unreadable(&error))?
            .ok_or_else(|| {
                let message = format!("the connected app `{}` is gone", self.name);
                CallError::new(code::APP_NOT_FOUND, message)
            })
    }

    /// Whether the provider has asked for a pause since the turn was given.
    async fn is_held(&self) -> Result<bool, CallError> {
        let found = self.turns.find(self.of.workspace, self.of.app).await;
        let found = found.map_err(|error| self.unreadable(&error))?;
        let until = found.and_then(|turns| turns.held_until);
        Ok(until.is_some_and(|until| until > self.turns.now()))
    }

    fn too_late(&self, turn: Timestamp, wait: Duration) -> CallError {
        let RateLimit { requests, per, .. } = self.of.limit;
        let message = format!(
            "the connected app `{}` allows {requests} requests in {per:?}, and the turn of this one comes at {turn}, when \
             the attempt's time is up: raise the node's `timeout` or the app's `rateLimit`",
            self.name
        );
        let mut error = CallError::new(code::RATE_LIMITED, message).retryable();
        error.retry_after_ms = u64::try_from(wait.as_millis()).ok();
        error
    }

    fn unreadable(&self, error: &StorageError) -> CallError {
        tracing::error!(%error, app = %self.of.app, "the turns of a connected app could not be read or written");
        let message = format!(
            "the turns of the connected app `{}` could not be read or written",
            self.name
        );
        CallError::new(code::APP_UNREADABLE, message).retryable()
    }
}

impl ConnectedApps {
    /// A step that waits for a turn of the app and is woken at that instant or later waits in vain: the limit by which the
    /// turn was given was changed or removed.
    pub async fn void_from(
        &self,
        workspace: WorkspaceId,
        app: ConnectedAppId,
    ) -> Result<Timestamp, StorageError> {
        let found = self.turns.find(workspace, app).await?;
        // Every turn that was given is before the next one.
        Ok(found.map_or(Timestamp::EPOCH, |turns| turns.next_at.before(LEAD)))
    }
}
