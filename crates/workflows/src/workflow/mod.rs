//! Workflows as they are kept: created, saved, published, started; one verb per file.
//!
//! Each save is a version, numbered from 1, that never changes again. The newest is the draft. Publishing makes the draft
//! the version that triggers start; a run keeps the version that it started with, whatever is saved later.
//!
//! **Secrets of webhooks** belong to the hook, that is to the URL, and not to a version: a new secret holds from the
//! moment at which it is saved, so that rotating it needs no publishing. What else a webhook node says holds from the
//! moment at which it is published. A node keeps its URL as long as it keeps its key.

mod apply;
mod apps;
mod create;
mod delete;
mod draft;
mod export;
mod hooks;
mod pin;
mod problems;
mod publish;
mod rerun;
mod restore;
mod sample;
mod save;
mod start;
mod templates;
mod test_node;
mod test_run;
mod unpublish;

use std::sync::Arc;

use jackfield_connected_apps::ConnectedApps;
use jackfield_plugin_host::Host;
use jackfield_storage::ids::{WorkflowId, WorkflowVersionId};
use jackfield_storage::sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use jackfield_storage::workflow::{self, Workflow};
use jackfield_storage::{Call, Change, Problem, StorageError, Store};

pub use apply::{AppliedWorkflow, ApplyWorkflow, Outcome};
pub use create::NewWorkflow;
pub use export::Export;
pub(crate) use pin::Pinned;
pub use pin::{PinNode, PinOutput};
pub use problems::{Examined, VersionProblem};
pub use rerun::{MAX_RERUNS, Rerun, RerunFrom, RerunMany, RerunProgress};
pub use save::SaveWorkflow;
pub use start::{StartRun, StartedRun};
pub(crate) use start::{manual_input, missing};
pub use test_node::{TestNode, TestedNode};
pub use test_run::TestRun;

use crate::approval::ApprovalLinks;
use crate::definition::Definition;
use crate::engine::Definitions;
use crate::message_template::KnownTemplates;
use crate::nodes::{Current, NodeType};
use crate::triggers::EventTriggers;
use crate::variable::KnownVariables;

/// What [`Workflows`] works with.
#[derive(Clone)]
pub struct WorkflowsConfig {
    /// Where everything is kept.
    pub store: Store,
    /// The plugins, whose nodes definitions can use.
    pub host: Host,
    /// The connected apps that nodes can use.
    pub apps: ConnectedApps,
    /// Makes the links by which people answer approvals.
    pub approvals: ApprovalLinks,
}

/// The workflows of all workspaces. Cheap to clone.
#[derive(Clone)]
pub struct Workflows(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) apps: ConnectedApps,
    pub(crate) catalogue: Current,
    pub(crate) definitions: Definitions,
    pub(crate) approvals: ApprovalLinks,
    pub(crate) variables: KnownVariables,
    pub(crate) message_templates: KnownTemplates,
}

/// Why something was not done with a workflow.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    /// The input has to be changed; nothing was saved.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<Problem>),
    /// The workspace has no such workflow.
    #[error("there is no workflow {0}")]
    NotFound(WorkflowId),
    /// The secret of a webhook could not be sealed.
    #[error(transparent)]
    Seal(#[from] jackfield_connected_apps::SealError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A row in the database is damaged.
    #[error("the stored definition {0} is damaged: {1}")]
    Damaged(WorkflowVersionId, String),
}

impl From<jackfield_storage::sea_orm::DbErr> for WorkflowError {
    fn from(error: jackfield_storage::sea_orm::DbErr) -> Self {
        WorkflowError::Storage(error.into())
    }
}

impl Workflows {
    /// The workflows in a store, whose events start runs of them from now on.
    pub fn new(config: WorkflowsConfig) -> Workflows {
        let triggers = EventTriggers::new(config.store.clone());
        config.store.match_events(Arc::new(triggers));
        let inner = Inner {
            store: config.store,
            catalogue: Current::new(config.host.clone()),
            host: config.host,
            apps: config.apps,
            definitions: Definitions::default(),
            approvals: config.approvals,
            variables: KnownVariables::default(),
            message_templates: KnownTemplates::default(),
        };
        Workflows(Arc::new(inner))
    }

    /// All node types, built-in ones and those of plugins, sorted by name.
    pub fn node_types(&self) -> Vec<Arc<NodeType>> {
        self.0.catalogue.get().all().cloned().collect()
    }

    /// The node type of that name.
    pub fn node_type(&self, name: &str) -> Option<Arc<NodeType>> {
        self.0.catalogue.get().get(name)
    }

    /// SHA-256 in hex of the plugin's file that brings a node type; none for a built-in one.
    pub(crate) fn plugin_sha256(&self, node_type: &str) -> Option<String> {
        let node = self.0.host.node_type(node_type)?;
        node.plugin.sha256().map(ToString::to_string)
    }

    /// Checks a definition as saving it would, without saving it.
    pub fn check(&self, definition: &serde_json::Value) -> Result<(), Vec<Problem>> {
        Definition::parse(definition, &self.0.catalogue.get()).map(drop)
    }
}

/// Writes a workflow that has changed, and tells followers.
async fn update(
    call: &Call,
    action: &'static str,
    before: &Workflow,
    mut workflow: Workflow,
) -> Result<Workflow, WorkflowError> {
    workflow.updated_at = call.now();
    workflow.revision = call.next_position();
    let update = workflow::Entity::update(workflow.clone().into_active_model().reset_all());
    update.exec(call.db()).await?;
    call.publish(Change::Workflow(Arc::new(workflow.clone())));
    call.did(action, before, &workflow);
    Ok(workflow)
}
