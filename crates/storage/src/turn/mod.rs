//! What a plugin was told while it executed a step: the journal inside a step.
//!
//! A turn is one answer of the host to the effects that a plugin asked for. A turn is here before anything that the plugin
//! asked for after it is done to the outside world, and goes when the step's attempt is over.

mod find;

pub use find::of_step;

use sea_orm::entity::prelude::*;

use crate::ids::{RunId, StepId, WorkspaceId};

/// One turn of a step.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "turns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub step_id: StepId,
    /// From 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub workspace_id: WorkspaceId,
    pub run_id: RunId,
    /// SHA-256 of the effects that the plugin had asked for before it.
    pub asked: Vec<u8>,
    /// The answers, as they were handed to the plugin.
    pub frame: Vec<u8>,
}

/// A turn as it is stored.
pub type StepTurn = Model;

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepTurn")
            .field("step_id", &self.step_id)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
