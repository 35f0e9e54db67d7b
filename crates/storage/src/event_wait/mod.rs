//! Steps that wait for an event.
//!
//! Which events a step has looked at is part of its run's journal: it looks at every event of its type from the position
//! after `since` on. Whoever stores an event only leaves a hint at the waits that it could concern and wakes their runs;
//! so a lost wake-up is made good by any later look, and an event is never missed.

mod find;
mod hint;

pub use self::hint::hint;
pub use find::{next_match, of_run, oldest};

use sea_orm::entity::prelude::*;

use crate::{
    event::Event,
    ids::{RunId, StepId, WorkspaceId},
};

/// A step that waits for an event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_waits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub step_id: StepId,
    pub run_id: RunId,
    pub workspace_id: WorkspaceId,
    /// The type of event that it waits for.
    pub event_type: String,
    /// The member of the event's data that has to be equal to `match_value`, with dots between the names.
    pub match_path: Option<String>,
    /// The JSON text of that member.
    pub match_value: Option<String>,
    /// The log position up to which the step has looked.
    pub since: i64,
    /// The position of the first event after `since` that it has to look at, as far as is known. Nothing is to be looked
    /// at when it is not after `since`.
    pub hint: Option<i64>,
}

/// A wait as it is stored.
pub type EventWait = Model;

impl Model {
    /// From which position on there may be an event for it.
    pub fn look_from(&self) -> Option<i64> {
        self.hint.filter(|hint| *hint > self.since)
    }

    /// Whether the event has the member that the wait asks for.
    pub fn matches(&self, event: &Event) -> bool {
        match &self.match_path {
            None => true,
            Some(path) => hint::member(event, path) == self.match_value,
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
