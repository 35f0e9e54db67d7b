//! What the credentials of connected apps were used for: by which step of which run, and towards whom. Never what they are.
//!
//! An attempt of a step is written down as a use in the commit that says that it begins, which comes before anything that the attempt
//! does; what it came to is written with the step's end. So a row without that is the use of an attempt that was never heard of again.
//! What is asked of a provider outside of any run is written down before each request. The rows refer to runs and apps that may be gone:
//! they have a retention of their own.

mod find;
mod record;

pub use find::{UseFilter, count, counts, find, list, pages};
pub use record::put;

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{ConnectedAppId, CredentialUseId, RunId, WorkflowId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// What credentials are used for.
    pub enum UsePurpose {
        /// A step of a run.
        Step => "STEP",
        /// A node that somebody tries out by itself.
        NodeTest => "NODE_TEST",
        /// A look at whether the provider takes credentials that are about to be stored.
        CredentialTest => "CREDENTIAL_TEST",
        /// The same of an app that is connected.
        HealthCheck => "HEALTH_CHECK",
        /// A look at what the account has.
        Resources => "RESOURCES",
        /// Getting tokens, renewing them, or giving them back.
        Tokens => "TOKENS",
        /// A look at whether the provider has news for a trigger.
        Poll => "POLL",
        /// Reading what the provider has sent to the app's hook.
        Webhook => "WEBHOOK",
    }
}

/// One use.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential_uses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CredentialUseId,
    pub workspace_id: WorkspaceId,
    /// Whose credentials.
    pub app_id: ConnectedAppId,
    pub purpose: UsePurpose,
    pub workflow_id: Option<WorkflowId>,
    pub run_id: Option<RunId>,
    /// The key of the node.
    pub node_key: Option<String>,
    /// Which items of `for-each` nodes around it, as in a step's row.
    pub item_path: Option<String>,
    /// The attempt at the step, from 1.
    pub attempt: Option<i32>,
    /// When it began.
    pub at: Timestamp,
    /// The hosts to which the credentials went, as a list of texts; absent as long as nothing is known.
    pub hosts: Option<Json>,
    /// How many requests carried them; absent as long as nothing is known.
    pub requests: Option<i32>,
    /// How often a field of them was a key to check a signature with, or was shown to a plugin that may see it; absent likewise.
    pub reads: Option<i32>,
}

/// One use as it is stored.
pub type CredentialUse = Model;

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::id(self.id)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
