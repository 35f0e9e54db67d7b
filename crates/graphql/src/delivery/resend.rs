use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;

use super::Delivery;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::webhook_endpoint::outcome;

/// The mutation `resendDelivery`.
#[derive(Default)]
pub struct ResendDelivery;

/// What `resendDelivery` takes.
#[derive(InputObject)]
struct ResendDeliveryInput {
    /// The delivery to send again.
    delivery_id: ID,
}

/// What `resendDelivery` answers.
#[derive(SimpleObject, Default)]
struct ResendDeliveryPayload {
    /// The delivery, which is pending again; null when there are user errors.
    delivery: Option<Delivery>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ResendDelivery {
    /// Sends a delivery once more, now, whatever has become of it. One that was over is retried as a new one if it does not
    /// arrive.
    async fn resend_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send again.")] input: ResendDeliveryInput,
    ) -> Result<ResendDeliveryPayload> {
        let permit = ctx.permit::<ManageWebhooks>()?;
        let Ok(id) = input.delivery_id.parse() else {
            return Ok(ResendDeliveryPayload {
                user_errors: vec![unknown_delivery()],
                ..Default::default()
            });
        };
        let resent = ctx.services()?.outbound.resend(&permit, id).await;
        let (row, user_errors) = outcome(resent, unknown_delivery)?;
        Ok(ResendDeliveryPayload {
            delivery: row.map(Delivery),
            user_errors,
        })
    }
}

fn unknown_delivery() -> UserError {
    UserError::not_found("deliveryId", "delivery")
}
