//! Which runs an event starts and where it goes, decided before it is written, so that all of it is one commit.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::{
    courier::{Courier, NewDelivery},
    unit::{NewEvent, NewRun},
};
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

/// The matcher and the courier, once there are such, and how often that changed which they look at. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Matching(Arc<Shared>);

#[derive(Default)]
struct Shared {
    matcher: OnceLock<Arc<dyn Matcher>>,
    workflows: AtomicU64,
    event_types: AtomicU64,
    courier: OnceLock<Arc<dyn Courier>>,
    endpoints: AtomicU64,
    access: watch::Sender<u64>,
    variables: AtomicU64,
    message_templates: AtomicU64,
    hooks: AtomicU64,
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

    /// Sets the courier. Only the first one counts.
    pub fn set_courier(&self, courier: Arc<dyn Courier>) {
        if self.0.courier.set(courier).is_err() {
            tracing::error!("the store has a courier already");
        }
    }

    pub fn courier(&self) -> Option<Arc<dyn Courier>> {
        self.0.courier.get().cloned()
    }

    pub async fn deliveries(
        &self,
        workspace: WorkspaceId,
        event: &NewEvent,
    ) -> Result<Vec<NewDelivery>, StorageError> {
        let Some(courier) = self.0.courier.get() else {
            return Ok(Vec::new());
        };
        courier.address(workspace, event, self.endpoints()).await
    }

    pub fn endpoints(&self) -> u64 {
        self.0.endpoints.load(Ordering::Acquire)
    }

    /// Takes note of what was committed, before anybody is told of it.
    pub fn note(&self, changes: &[Change]) {
        let (mut workflows, mut endpoints) = (false, false);
        let (mut event_types, mut access) = (false, false);
        let (mut variables, mut hooks) = (false, false);
        let mut message_templates = false;
        for change in changes {
            match change {
                Change::Workflow(_) => (workflows, hooks) = (true, true),
                Change::ConnectedApp(_) | Change::InboundHook(_) => hooks = true,
                Change::WebhookEndpoint(_) => endpoints = true,
                Change::EventType(_) | Change::Workspace(_) => event_types = true,
                Change::Access(..) => access = true,
                Change::Variable(..) => variables = true,
                Change::MessageTemplate(_) => message_templates = true,
                Change::Elsewhere(what) => {
                    access |= what.may_have_access();
                    variables |= what.may_have_variables();
                    message_templates |= what.may_have_message_templates();
                    hooks |= what.may_have_inbound_hooks()
                        || what.may_have_connected_apps()
                        || what.may_have_workflows();
                    workflows |= what.may_have_workflows();
                    endpoints |= what.may_have_webhook_endpoints();
                    event_types |= what.may_have_event_types();
                }
                _ => {}
            }
        }
        for (concerned, count) in [
            (workflows, &self.0.workflows),
            (endpoints, &self.0.endpoints),
            (event_types, &self.0.event_types),
            (variables, &self.0.variables),
            (message_templates, &self.0.message_templates),
            (hooks, &self.0.hooks),
        ] {
            if concerned {
                count.fetch_add(1, Ordering::AcqRel);
            }
        }
        if access {
            self.0.access.send_modify(|count| *count += 1);
        }
    }

    /// How often types of events, or the rules of workspaces, may have changed.
    pub fn event_types(&self) -> u64 {
        self.0.event_types.load(Ordering::Acquire)
    }

    /// How often variables may have been set or deleted.
    pub fn variables(&self) -> u64 {
        self.0.variables.load(Ordering::Acquire)
    }

    /// How often message templates may have changed.
    pub fn message_templates(&self) -> u64 {
        self.0.message_templates.load(Ordering::Acquire)
    }

    /// How often what somebody may do has changed or ended.
    pub fn access(&self) -> watch::Receiver<u64> {
        self.0.access.subscribe()
    }

    /// How often hooks, or what they depend on, may have changed.
    pub fn hooks(&self) -> u64 {
        self.0.hooks.load(Ordering::Acquire)
    }
}
