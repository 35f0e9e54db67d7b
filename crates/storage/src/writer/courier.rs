//! Where an event goes, decided before it is written, so that it and its deliveries are one commit; and what came of it.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::unit::{Lease, NewEvent};
use crate::{
    StorageError, Timestamp,
    delivery::{Delivery, DeliveryStatus},
    delivery_attempt::DeliveryAttempt,
    event::Event,
    ids::{DeliveryId, EventId, WebhookEndpointId, WorkspaceId},
};

/// Takes events to endpoints; handed to the store by who knows of webhooks.
pub trait Courier: Send + Sync + 'static {
    /// One delivery for each endpoint of the workspace that gets `event`. Asked for each event, so it answers from memory.
    ///
    /// `endpoints` grows whenever an endpoint may have changed, here or on another node: what was read before it had this
    /// value is out of date.
    fn address<'a>(
        &'a self,
        workspace: WorkspaceId,
        event: &'a NewEvent,
        endpoints: u64,
    ) -> BoxFuture<'a, Result<Vec<NewDelivery>, StorageError>>;

    /// The deliveries of `event` are on disk. Those that were born with a lease are this process's to send, now.
    fn stored(&self, event: &Arc<Event>, deliveries: &[Delivery]);

    /// Deliveries are on disk that nobody has claimed yet.
    fn look(&self);
}

/// An event that is to go to an endpoint.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// From [`Clock::id`](crate::Clock::id).
    pub id: DeliveryId,
    /// Where it goes.
    pub endpoint_id: WebhookEndpointId,
    /// What it waits in, where order matters.
    pub queue: Option<String>,
    /// Claims the delivery in the same commit, so that this process sends it at once. None in a queue.
    pub lease: Option<Lease>,
    /// When it is to be sent, without a lease and without a queue; at once when absent.
    pub due_at: Option<Timestamp>,
    /// Whether somebody asked for it.
    pub manual: bool,
}

/// What was done about a claimed delivery.
#[derive(Clone, Debug)]
pub struct Attempted {
    /// The delivery as it shall be. Written if its `fence` is still that of the row; see [`Delivery::finish`] and
    /// [`Delivery::wait`].
    pub delivery: Delivery,
    /// The attempt that was made; none when it was only put off.
    pub attempt: Option<DeliveryAttempt>,
    /// The queue of which it is not the first any more.
    pub left: Option<String>,
    /// The position of a change that is no attempt; the writer fills it in.
    pub position: i64,
}

impl NewDelivery {
    pub(super) fn into_row(self, workspace_id: WorkspaceId, event_id: EventId) -> Delivery {
        let (fence, owner, due_at) = match (self.lease, &self.queue) {
            (Some(lease), None) => (1, Some(lease.owner), Some(lease.until)),
            (_, Some(_)) => (0, None, None),
            (None, None) => (0, None, Some(self.due_at.unwrap_or(Timestamp::EPOCH))),
        };
        Delivery {
            workspace_id,
            position: 0,
            id: self.id,
            event_id,
            endpoint_id: self.endpoint_id,
            status: DeliveryStatus::Pending,
            attempts: 0,
            queue: self.queue,
            due_at,
            slot: None,
            lease_owner: owner,
            fence,
            begun: 0,
            manual: self.manual,
            created_at: Timestamp::EPOCH,
            finished_at: None,
            touched: None,
        }
    }
}

/// The deliveries of an event that is about to be written, and whom to tell when it is.
#[derive(Default)]
pub(super) struct Addressed {
    pub rows: Vec<NewDelivery>,
    pub courier: Option<Arc<dyn Courier>>,
}

impl Addressed {
    pub fn take_rows(&mut self, workspace: WorkspaceId, event: EventId) -> Vec<Delivery> {
        let rows = std::mem::take(&mut self.rows).into_iter();
        rows.map(|new| new.into_row(workspace, event)).collect()
    }

    /// The same, for whoever cannot tell the courier after the commit: any node may claim them.
    pub fn unclaimed(self) -> Vec<NewDelivery> {
        let mut rows = self.rows;
        for row in &mut rows {
            row.lease = None;
        }
        rows
    }
}
