//! Executes runs.
//!
//! A [dispatcher](dispatch) claims what is due and gives each run to a task of its own, the [driver](drive), which asks the
//! [state machine](crate::machine) what to do and does it:
//!
//! - A run begins before it is written where that is possible (see [`born`]): what only computes costs one commit in all.
//! - Steps that only compute are done in memory. What they returned is written with the next commit that something
//!   outside depends on, or with the last one. So a run without outside effects costs one commit.
//! - Before anything is done that a plugin asks for, everything it could depend on is on disk, and so is that the call begins;
//!   the call gets ready while that is written. What a call returned is on disk before the run waits for anything else.
//! - A node with several requests has its answers on disk before the next request is sent, so that it goes on there.
//! - A message template is rendered when its step begins (see [`message`]).
//! - What a step waits for outside is a row and no task; whatever happens to a run wakes it (see [`mail`]).
//! - A short pause before a next attempt is slept; a long one is a row (`WAITING`, due at an instant) and no task.
//! - The engine is woken by what the store commits and by the next instant that something is due; it looks around by
//!   itself only once in a while, in case a wake-up was lost.
//!
//! The output of a run is the answer of its `respond` node, the first one that was executed. Without one it is the output
//! of the last step, or, where several branches ended, an object of their outputs by node key.

mod born;
mod call;
mod child;
mod definitions;
mod dispatch;
mod drive;
mod each;
mod execute;
mod facts;
mod failure;
mod frame;
mod journal;
mod lent;
mod mail;
mod message;
mod outcome;
mod park;
mod pinned;
mod prepare;
mod settle;
#[cfg(test)]
mod tests;
mod turn;
mod wake;

pub(crate) use definitions::Definitions;
pub(crate) use settle::resolve;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use self::born::Nursery;
use self::dispatch::Dispatcher;
use crate::workflow::Workflows;

/// How the engine works.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The most runs that are worked on at the same time; the others stay queued.
    pub max_runs: usize,
    /// How long a claimed run is nobody else's. It is renewed long before.
    pub lease: Duration,
    /// How often the engine looks for due runs without having been woken.
    pub poll: Duration,
    /// How long an attempt of a node without a `timeout` may take.
    pub node_timeout: Duration,
    /// A pause longer than this is written down and the task let go.
    pub park_after: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        EngineConfig {
            max_runs: 1_000,
            lease: Duration::from_secs(10),
            poll: Duration::from_secs(15),
            node_timeout: Duration::from_secs(300),
            park_after: Duration::from_secs(5),
        }
    }
}

/// How much the engine still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Everything.
    Working,
    /// No new runs and no new calls; the calls under way are waited for.
    Draining,
    /// Nothing: what is under way is left for the next start.
    Stopping,
}

/// What every task of one engine shares.
struct Shared {
    workflows: Workflows,
    config: EngineConfig,
    /// Who claims: the name of this process among those that work on the database.
    owner: String,
    phase: watch::Receiver<Phase>,
}

/// Executes runs until it is drained.
pub struct Engine;

/// A running engine. Dropping it stops the engine without waiting.
pub struct EngineHandle {
    phase: watch::Sender<Phase>,
    dispatcher: JoinHandle<()>,
}

impl Engine {
    /// Begins to execute runs. Must be called within a tokio runtime.
    pub fn start(workflows: &Workflows, config: EngineConfig) -> EngineHandle {
        let (sender, phase) = watch::channel(Phase::Working);
        let shared = Shared {
            workflows: workflows.clone(),
            config,
            owner: workflows.0.store.node().to_owned(),
            phase,
        };
        let shared = Arc::new(shared);
        let (sender_of_born, born) = mpsc::unbounded_channel();
        let nursery = Arc::new(Nursery::new(&shared, sender_of_born));
        workflows.0.store.execute_runs(nursery.clone());
        tokio::spawn(wake::run(shared.clone(), workflows.0.store.changes()));
        // Following begins here and not in the task, so that nothing committed from now on is missed.
        let changes = workflows.0.store.changes();
        let dispatcher = tokio::spawn(Dispatcher::new(shared, changes, nursery, born).run());
        EngineHandle {
            phase: sender,
            dispatcher,
        }
    }
}

impl EngineHandle {
    /// Stops: takes no new runs, waits at most `patience` for the calls under way, writes down where every run stands, and
    /// gives them back. What was still under way then is taken up at the next start like after a crash.
    pub async fn drain(self, patience: Duration) {
        // The dispatcher only goes when told so, or when it is broken; then there is nobody to tell.
        let _ = self.phase.send(Phase::Draining);
        let mut dispatcher = self.dispatcher;
        if tokio::time::timeout(patience, &mut dispatcher)
            .await
            .is_ok()
        {
            return;
        }
        let _ = self.phase.send(Phase::Stopping);
        if let Err(error) = dispatcher.await {
            tracing::error!(%error, "the engine did not stop in order");
        }
    }
}
