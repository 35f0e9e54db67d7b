//! Deliveries: one event on its way to one endpoint. The row is the queue: whoever sends has claimed its row.

mod change;
mod find;

pub use change::{cancel_waiting, send_again, waiting};
pub use find::{
    DeliveryFilter, changes_after, count, counts, find, find_many, list, next_due, of_events,
    pages, succeeded_since,
};

use sea_orm::entity::prelude::*;

use crate::{
    Timestamp,
    ids::{DeliveryId, EventId, WebhookEndpointId, WorkspaceId},
    page::{Cursor, Keyed},
    text_enum::text_enum,
};

text_enum! {
    /// How far a delivery is.
    pub enum DeliveryStatus {
        /// It is being sent, or will be.
        Pending => "PENDING",
        /// The endpoint has taken it.
        Succeeded => "SUCCEEDED",
        /// All attempts have failed.
        Failed => "FAILED",
        /// Its endpoint was deleted or switched off before it had arrived.
        Cancelled => "CANCELLED",
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Its place in the log, right after its event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub id: DeliveryId,
    pub event_id: EventId,
    pub endpoint_id: WebhookEndpointId,
    pub status: DeliveryStatus,
    /// How many attempts were made.
    pub attempts: i32,
    /// What it waits in while it is pending, where order matters: only the first of a queue is ever due.
    pub queue: Option<String>,
    /// From when on any node may claim it: when the next attempt is to be made, or when the lease ends. Absent when it is
    /// over, or while others of its queue are before it.
    pub due_at: Option<Timestamp>,
    /// The instant that its endpoint's rate limit has given it.
    pub slot: Option<Timestamp>,
    /// Which node is sending it.
    pub lease_owner: Option<String>,
    /// Grows with each claim. A worker whose number is no longer this one may not write.
    pub fence: i64,
    /// How many attempts were made before it was last begun anew, from which its schedule counts.
    pub begun: i32,
    /// Whether somebody asked for the next attempt.
    pub manual: bool,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// The log position of the last change that was no attempt.
    pub touched: Option<i64>,
}

/// A delivery as it is stored.
pub type Delivery = Model;

impl Model {
    /// Nothing more is sent.
    pub fn finish(&mut self, status: DeliveryStatus, now: Timestamp) {
        self.status = status;
        self.queue = None;
        self.finished_at = Some(now);
        self.rest(None);
    }

    /// The next attempt is made at `due_at`, by any node.
    pub fn wait(&mut self, due_at: Timestamp) {
        self.rest(Some(due_at));
    }

    fn rest(&mut self, due_at: Option<Timestamp>) {
        self.due_at = due_at;
        self.slot = None;
        self.lease_owner = None;
        self.manual = false;
    }
}

impl Keyed for Model {
    fn cursor(&self) -> Cursor {
        Cursor::position(self.position)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
