//! What became of the requests to hooks, counted in short stretches of time: so that a hook's health costs a few rows to read,
//! however much it receives.

mod add;
mod find;

pub use add::{Tally, add, sweep};
pub use find::since;

use std::time::Duration;

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{InboundHookId, WorkspaceId},
    text_enum::text_enum,
};

/// The length of a stretch.
pub const STRETCH: Duration = Duration::from_secs(60);

text_enum! {
    /// What became of a request to a hook.
    pub enum Verdict {
        /// It brought an event.
        Accepted => "ACCEPTED",
        /// It was not believed, could not be read, or was one too many.
        Rejected => "REJECTED",
        /// Its event was there already.
        Duplicate => "DUPLICATE",
    }
}

/// What became of the requests of a stretch.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hook_health")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hook_id: InboundHookId,
    /// When the stretch begins.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    pub accepted: i64,
    pub rejected: i64,
    pub duplicates: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How many requests of each fate a hook had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Those that brought an event.
    pub accepted: i64,
    /// Those that were refused.
    pub rejected: i64,
    /// Those whose event was there already.
    pub duplicates: i64,
}

impl Health {
    /// Counts one more.
    pub fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Accepted => &mut self.accepted,
            Verdict::Rejected => &mut self.rejected,
            Verdict::Duplicate => &mut self.duplicates,
        } += 1;
    }
}
