//! Messages to runs. A message is kept until the worker that has the run has acted on it, and goes in the same
//! transaction in which that is written down.

mod find;
mod post;

pub use find::of_run;
pub(crate) use post::wake_parent;
pub use post::{Posted, post};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{RunId, SignalId, StepId, WorkspaceId},
    text_enum::text_enum,
};

text_enum! {
    /// What is asked of a run.
    pub enum SignalKind {
        /// To stop.
        Cancel => "CANCEL",
        /// To go on from a step of which it is not known whether it happened.
        Resolve => "RESOLVE",
        /// To take a person's answer for an approval.
        Decide => "DECIDE",
    }
}

impl SignalKind {
    /// What somebody has done who has left such a message.
    pub(crate) fn done(self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::Resolve => "resolved",
            Self::Decide => "decided",
        }
    }
}

/// One message. A step gets at most one of a kind at a time.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SignalId,
    pub workspace_id: WorkspaceId,
    pub run_id: RunId,
    /// The step that it is about; absent when it is about the run.
    pub step_id: Option<StepId>,
    pub kind: SignalKind,
    /// What the kind needs to be told.
    pub body: Json,
    pub created_at: Timestamp,
}

/// A message as it is stored.
pub type Signal = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
