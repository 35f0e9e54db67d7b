//! How well endpoints do: how many attempts ended how, and how long they took, by stretches of time.
//!
//! It is counted beside the history, so that a look at an endpoint's health does not read its attempts, and written now and
//! then. A crash loses the counts of the last seconds.

mod add;
mod find;

pub use add::{Tally, add, sweep};
pub use find::{Health, since};

use std::time::Duration;

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{WebhookEndpointId, WorkspaceId},
};

/// How long a stretch of time is.
pub const STRETCH: Duration = Duration::from_secs(300);

/// Attempts at one endpoint within one stretch of time that ended alike and took about as long.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "endpoint_health")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub endpoint_id: WebhookEndpointId,
    /// When the stretch begins.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub succeeded: bool,
    /// How long they took, as a step of [`step_of`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub duration: i32,
    pub count: i64,
}

/// The step of a duration in milliseconds: steps are a tenth apart, so that a few dozen hold everything.
pub(crate) fn step_of(millis: f64) -> i32 {
    // From 0.1 ms on; a step is far within 32 bits.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a number of milliseconds is small"
    )]
    let step = (millis.max(0.1) / 0.1).log(1.1).round() as i32;
    step
}

/// The duration in milliseconds that a step stands for.
pub(crate) fn millis_of(step: i32) -> f64 {
    0.1 * 1.1_f64.powi(step)
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_within_a_twentieth() {
        for millis in [0.1, 0.7, 3.0, 25.0, 400.0, 30_000.0] {
            let shown = millis_of(step_of(millis));
            assert!((shown / millis - 1.0).abs() < 0.05, "{millis}: {shown}");
        }
    }
}
