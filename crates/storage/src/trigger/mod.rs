//! What starts a run: the trigger nodes of published versions, and of those only.

mod find;
mod plugin;
mod state;

pub use find::{due, find, next_tick, of_hook, of_kind, of_workflow, of_workflows, replace};
pub use plugin::PluginTrigger;
pub use state::{move_tick, note_error, note_poll};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{InboundHookId, WorkflowId, WorkflowVersionId, WorkspaceId},
    run::{Concurrency, Priority},
    text_enum::text_enum,
};

text_enum! {
    /// What a trigger waits for.
    pub enum TriggerKind {
        /// A request at the node's own address.
        Webhook => "webhook",
        /// An event of a type.
        Event => "event",
        /// An instant.
        Schedule => "schedule",
        /// A person or a program that asks for it.
        Manual => "manual",
        /// A request at the address of a connected app, which a plugin reads.
        Plugin => "plugin",
        /// News for which a plugin asks.
        Poll => "poll",
    }
}

/// One trigger node of a published version.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "triggers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workflow_id: WorkflowId,
    /// The node's key in the definition.
    #[sea_orm(primary_key, auto_increment = false)]
    pub node_key: String,
    pub workspace_id: WorkspaceId,
    /// The published version.
    pub workflow_version_id: WorkflowVersionId,
    pub kind: TriggerKind,
    /// The address, for [`TriggerKind::Webhook`] and [`TriggerKind::Plugin`].
    pub hook_id: Option<InboundHookId>,
    /// Not used any more.
    pub match_key: Option<String>,
    /// The node's config, for [`TriggerKind::Event`] and [`TriggerKind::Schedule`]; a [`PluginTrigger`] for those of plugins.
    pub config: Json,
    /// When it fires next, for [`TriggerKind::Schedule`]; when it is asked next, for [`TriggerKind::Poll`].
    pub next_at: Option<Timestamp>,
    /// Why it did not fire the last time that it could not.
    pub error: Option<String>,
    /// When that was.
    pub error_at: Option<Timestamp>,
    /// The priority of the runs that it starts.
    pub priority: Priority,
    /// A [`Concurrency`], if the workflow is limited.
    pub concurrency: Option<Json>,
}

/// A trigger as it is stored.
pub type Trigger = Model;

impl Model {
    /// How many runs of the workflow may be under way, if that is limited.
    pub fn concurrency(&self) -> Option<Concurrency> {
        // What cannot be read was written by a newer server: its workflows are not limited here.
        self.concurrency.as_ref()?.parse().ok()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
