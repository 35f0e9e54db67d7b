use jackfield_storage::{
    Problem, ProblemCode,
    access::{ManageWebhooks, Permit},
    delivery::{self, Delivery},
    event,
    ids::DeliveryId,
    webhook_endpoint,
};

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
                let row = found.ok_or(OutboundError::NotFound)?;
                let endpoint = webhook_endpoint::find(call.db(), &read, row.endpoint_id).await?;
                let admitted = match &endpoint {
                    Some(endpoint) if !endpoint.channels.is_empty() => {
                        let event = event::find(call.db(), &read, row.event_id).await?;
                        event.is_none_or(|event| endpoint.channels.admit(&event.channels))
                    }
                    _ => true,
                };
                let conflict = match endpoint {
                    None => Some("its endpoint was deleted"),
                    Some(_) if !admitted => {
                        Some("its event is in none of the channels that the endpoint has by now")
                    }
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
                let again = delivery::send_again(call, row.clone(), true).await?;
                call.did("resent", &row, &again);
                Ok(again)
            })
        });
        let row = resent.await?;
        self.0.wake_now();
        Ok(row)
    }
}
