use std::sync::Arc;

use jackfield_storage::{
    Change, Problem, ProblemCode, StorageError,
    access::{ManageWebhooks, Permit},
    delivery::{self, Delivery, DeliveryStatus},
    ids::DeliveryId,
    webhook_endpoint,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{Outbound, OutboundError};

impl Outbound {
    /// Has a delivery sent once more, now, whatever has become of it.
    pub async fn resend(
        &self,
        permit: &Permit<ManageWebhooks>,
        id: DeliveryId,
    ) -> Result<Delivery, OutboundError> {
        let read = permit.read();
        let resent = self.0.store.writer().call(permit, move |call| {
            Box::pin(async move {
                let found = delivery::find(call.db(), &read, id).await?;
                let mut row = found.ok_or(OutboundError::NotFound)?;
                let endpoint = webhook_endpoint::find(call.db(), &read, row.endpoint_id).await?;
                let conflict = match endpoint {
                    None => Some("its endpoint was deleted"),
                    Some(_) if row.lease_owner.is_some() => Some("it is being sent right now"),
                    Some(_) if row.queue.is_some() => {
                        Some("it waits for its turn in a strict order")
                    }
                    Some(_) => None,
                };
                if let Some(why) = conflict {
                    let message = format!("The delivery cannot be sent again: {why}.");
                    return Err(OutboundError::Rejected(vec![Problem::new(
                        ["deliveryId"],
                        ProblemCode::Conflict,
                        message,
                    )]));
                }
                row.status = DeliveryStatus::Pending;
                row.due_at = Some(call.now());
                row.slot = None;
                row.fence += 1;
                row.manual = true;
                row.finished_at = None;
                let position = call.next_position();
                row.touched = Some(position);
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await.map_err(StorageError::from)?;
                call.publish(Change::Delivery(position, Arc::new(row.clone())));
                Ok(row)
            })
        });
        let row = resent.await?;
        self.0.wake_now();
        Ok(row)
    }
}
