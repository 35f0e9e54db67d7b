//! Attempts at deliveries: what was sent, and what came back.

mod find;

pub use find::{find, of_deliveries, of_deliveries_without};
pub(crate) use find::{last_positions, positions_after};

use sea_orm::entity::prelude::*;

use crate::{
    Json, Timestamp,
    ids::{DeliveryAttemptId, DeliveryId, WorkspaceId},
    text_enum::text_enum,
};

text_enum! {
    /// How an attempt ended.
    pub enum AttemptStatus {
        /// The endpoint answered with a status from 200 to 299.
        Succeeded => "SUCCEEDED",
        /// Anything else.
        Failed => "FAILED",
    }
}

text_enum! {
    /// Why an attempt was made.
    pub enum AttemptCause {
        /// The event was published, or the time for the next attempt had come.
        Schedule => "SCHEDULE",
        /// Somebody asked for it.
        Manual => "MANUAL",
    }
}

/// One attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Its place in the log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub id: DeliveryAttemptId,
    pub delivery_id: DeliveryId,
    /// Which attempt at the delivery it is, from 1.
    pub number: i32,
    pub cause: AttemptCause,
    pub status: AttemptStatus,
    /// The status of the answer, if one came.
    pub status_code: Option<i32>,
    /// From the first byte of the request to the last of the answer, in milliseconds.
    pub duration_ms: i64,
    /// The headers of the request by name, without credentials.
    pub request_headers: Json,
    /// The beginning of the answer's body.
    pub response_body: Option<String>,
    /// Why it failed, as a sentence that begins with a stable code.
    pub error: Option<String>,
    pub attempted_at: Timestamp,
}

/// An attempt as it is stored.
pub type DeliveryAttempt = Model;

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
