//! Which runs an event starts, decided before it is written, so that both are one commit.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use futures_util::future::BoxFuture;

use super::unit::{NewEvent, NewRun};
use crate::{Change, Json, StorageError, ids::WorkspaceId};

/// Finds the runs that an event starts. Handed to the store by those who know of workflows; asked
/// for each event, so it answers from memory.
pub trait Matcher: Send + Sync + 'static {
    /// One run for each trigger of the workspace that `event` matches.
    ///
    /// `workflows` grows whenever a workflow may have been published or withdrawn, here or on
    /// another node: what was read before it had this value is out of date.
    fn runs<'a>(
        &'a self,
        workspace: WorkspaceId,
        event: &'a NewEvent,
        workflows: u64,
    ) -> BoxFuture<'a, Result<Vec<NewRun>, StorageError>>;

    /// What the key of a limit, an expression, comes to for a run with that input. Runs with the same answer share the
    /// limit.
    fn group(&self, key: &str, input: &Json) -> String;
}

/// The matcher, once there is one, and how often workflows and types of events have changed. Clones
/// share it.
#[derive(Clone, Default)]
pub(crate) struct Matching(Arc<Shared>);

#[derive(Default)]
struct Shared {
    matcher: OnceLock<Arc<dyn Matcher>>,
    workflows: AtomicU64,
    event_types: AtomicU64,
}

impl Matching {
    /// Sets the matcher. Only the first one counts.
    pub fn set(&self, matcher: Arc<dyn Matcher>) {
        if self.0.matcher.set(matcher).is_err() {
            tracing::error!("the store has a matcher of events already");
        }
    }

    pub async fn runs(
        &self,
        workspace: WorkspaceId,
        event: &NewEvent,
    ) -> Result<Vec<NewRun>, StorageError> {
        let Some(matcher) = self.0.matcher.get() else {
            return Ok(Vec::new());
        };
        matcher.runs(workspace, event, self.workflows()).await
    }

    /// How often workflows have changed.
    pub fn workflows(&self) -> u64 {
        self.0.workflows.load(Ordering::Acquire)
    }

    /// The group of each run in its workflow's limit; none for a run without one.
    pub fn groups(&self, runs: &[NewRun]) -> Vec<Option<String>> {
        let group = |run: &NewRun| {
            let key = run.concurrency.as_ref()?.key.as_deref();
            let matcher = self.0.matcher.get();
            let group = key
                .zip(matcher)
                .map(|(key, matcher)| matcher.group(key, &run.input));
            Some(group.unwrap_or_default())
        };
        runs.iter().map(group).collect()
    }

    /// Takes note of what was committed, before anybody is told of it.
    pub fn note(&self, changes: &[Change]) {
        let concerned = changes.iter().any(|change| match change {
            Change::Workflow(_) => true,
            Change::Elsewhere(what) => what.may_have_workflows(),
            _ => false,
        });
        if concerned {
            self.0.workflows.fetch_add(1, Ordering::AcqRel);
        }
        let concerned = changes.iter().any(|change| match change {
            Change::EventType(_) | Change::Workspace(_) => true,
            Change::Elsewhere(what) => what.may_have_event_types(),
            _ => false,
        });
        if concerned {
            self.0.event_types.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// How often types of events, or the rules of workspaces, may have changed.
    pub fn event_types(&self) -> u64 {
        self.0.event_types.load(Ordering::Acquire)
    }
}
