//! Gives out turns. Those who ask at the same time get theirs with one statement.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use jackfield_storage::{
    StorageError, Store, Timestamp,
    access::{Permit, Read, StartRuns},
    app_turn::{self, AppTurn},
    ids::{ConnectedAppId, WorkspaceId},
};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::RateLimit;

const PART: &str = "rate limit";

/// The turns of all apps. Clones share one state.
#[derive(Clone)]
pub(crate) struct Turns {
    store: Store,
    /// Who asks for turns of an app while others are being taken.
    asking: Arc<Mutex<HashMap<ConnectedAppId, Vec<Answer>>>>,
}

type Answer = oneshot::Sender<Result<Option<Timestamp>, StorageError>>;

/// Whose turns, and by which limit.
#[derive(Clone, Copy)]
pub(crate) struct Of {
    pub workspace: WorkspaceId,
    pub app: ConnectedAppId,
    pub limit: RateLimit,
}

impl Turns {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            asking: Arc::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    /// Takes the next turn: when the request may be made. It is nobody else's, used or not. None when the app is gone.
    pub async fn take(&self, of: Of) -> Result<Option<Timestamp>, StorageError> {
        let (answer, taken) = oneshot::channel();
        let serve = match self.asking.lock().entry(of.app) {
            Entry::Occupied(mut asking) => {
                asking.get_mut().push(answer);
                false
            }
            Entry::Vacant(nobody) => {
                nobody.insert(vec![answer]);
                true
            }
        };
        if serve {
            tokio::spawn(self.clone().serve(of));
        }
        taken.await.unwrap_or(Err(StorageError::Closed))
    }

    /// Takes turns for all who ask until nobody does.
    async fn serve(self, of: Of) {
        while let Some(asking) = self.next(of.app) {
            let reserved = self.reserve(of, asking.len()).await;
            for (number, answer) in (0..).zip(asking) {
                let first = reserved.clone();
                // Who does not wait any more has lost the turn.
                let _ = answer.send(first.map(|first| first.map(|turns| turns.at(number))));
            }
        }
    }

    fn next(&self, app: ConnectedAppId) -> Option<Vec<Answer>> {
        let mut all = self.asking.lock();
        let asking = all.get_mut(&app).map(std::mem::take).unwrap_or_default();
        if asking.is_empty() {
            all.remove(&app);
            return None;
        }
        Some(asking)
    }

    async fn reserve(&self, of: Of, count: usize) -> Result<Option<Several>, StorageError> {
        let Of {
            workspace,
            app,
            limit,
        } = of;
        let many = (u32::try_from(count).unwrap_or(u32::MAX), limit.interval());
        let permit = Permit::<StartRuns>::system(workspace, PART);
        let reserve = self.store.writer().call(&permit, move |call| {
            Box::pin(async move { app_turn::reserve(call, workspace, app, many).await })
        });
        let reserved: Option<app_turn::Reserved> = reserve.await?;
        Ok(reserved.map(|reserved| Several { reserved, limit }))
    }

    /// How far the turns of an app are.
    pub async fn find(
        &self,
        workspace: WorkspaceId,
        app: ConnectedAppId,
    ) -> Result<Option<AppTurn>, StorageError> {
        let permit = Permit::<Read>::system(workspace, PART);
        app_turn::find(self.store.reader(), &permit, app).await
    }

    /// Gives no turns for so long, as the provider wants it.
    pub async fn hold(&self, of: Of, pause: Duration) -> Result<(), StorageError> {
        let ahead = of.limit.ahead();
        let permit = Permit::<StartRuns>::system(of.workspace, PART);
        let hold = self.store.writer().call(&permit, move |call| {
            Box::pin(
                async move { app_turn::hold(call, of.workspace, of.app, (pause, ahead)).await },
            )
        });
        hold.await
    }
}

/// Turns that were taken together.
#[derive(Clone, Copy)]
struct Several {
    reserved: app_turn::Reserved,
    limit: RateLimit,
}

impl Several {
    fn at(&self, number: u32) -> Timestamp {
        let place = self.reserved.first.after(self.limit.interval() * number);
        let held = self.reserved.held_until.unwrap_or(Timestamp::EPOCH);
        place
            .before(self.limit.ahead())
            .max(self.reserved.now)
            .max(held)
    }
}
