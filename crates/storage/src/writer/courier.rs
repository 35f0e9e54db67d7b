//! Where an event goes, decided before it is written, so that it and its deliveries are one commit.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::unit::{NewDelivery, NewEvent};
use crate::{StorageError, delivery::Delivery, event::Event, ids::WorkspaceId};

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
