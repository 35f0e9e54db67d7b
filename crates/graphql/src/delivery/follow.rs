use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::WebhookEndpointId;
use jackfield_storage::{Change, Cursor, Elsewhere, Store, delivery};

use super::Delivery;
use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::event::position;
use crate::follow::{self, BATCH, Source, follow};

/// The subscription `deliveryUpdates`.
#[derive(Default)]
pub struct FollowDeliveries;

/// A delivery that came into being or has changed.
#[derive(SimpleObject)]
struct DeliveryUpdate {
    /// The place among the changes: passed as `after`, it goes on after this one.
    cursor: String,
    /// The delivery.
    delivery: Delivery,
}

#[Subscription]
impl FollowDeliveries {
    /// Deliveries as they come into being and change, without a gap. With `after` what changed after that place comes first; what
    /// changed several times until now is shown as it is now.
    async fn delivery_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The cursor after which to start; with none, only what happens from now on is shown."
        )]
        after: Option<String>,
        #[graphql(desc = "Only deliveries to this endpoint.")] endpoint_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<DeliveryUpdate>>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let changes = store.changes();
        let endpoint = endpoint_id.map(|id| id.parse()).transpose();
        let endpoint =
            endpoint.map_err(|error| Code::BadUserInput.error(format!("`endpointId`: {error}")))?;
        let position = match &after {
            Some(cursor) => position(cursor)?,
            None => store.head().await.map_err(internal)?,
        };
        let source = Deliveries {
            store,
            permit,
            endpoint,
        };
        let updates = follow(source, changes, position, after.is_some());
        Ok(updates.map(|update| {
            update.map(|(position, row)| DeliveryUpdate {
                cursor: Cursor::position(position).to_string(),
                delivery: Delivery(row),
            })
        }))
    }
}

struct Deliveries {
    store: Store,
    permit: Permit<Read>,
    endpoint: Option<WebhookEndpointId>,
}

impl Source for Deliveries {
    type Item = delivery::Delivery;

    async fn read(&self, mut after: i64) -> Result<follow::Read<delivery::Delivery>> {
        let (db, permit) = (self.store.reader(), &self.permit);
        // What is committed while this reads has a higher position than the head, and the feed tells it.
        let head = self.store.head().await.map_err(internal)?;
        loop {
            let range = (after, head);
            let (items, end) = delivery::changes_after(db, permit, self.endpoint, range, BATCH)
                .await
                .map_err(internal)?;
            match end {
                // All that was read has changed later once more.
                Some(end) if items.is_empty() && end < head => after = end,
                _ => {
                    return Ok(follow::Read {
                        items,
                        more: end.is_some_and(|end| end < head),
                        ended: false,
                    });
                }
            }
        }
    }

    fn see(&self, change: &Change) -> Option<delivery::Delivery> {
        let Change::Delivery(_, row) = change else {
            return None;
        };
        let wanted = row.workspace_id == self.permit.workspace()
            && self.endpoint.is_none_or(|id| row.endpoint_id == id);
        wanted.then(|| delivery::Delivery::clone(row))
    }

    fn may_see(&self, elsewhere: &Elsewhere) -> bool {
        elsewhere.may_have_deliveries()
    }

    fn is_last(&self, _: &delivery::Delivery) -> bool {
        false
    }
}
