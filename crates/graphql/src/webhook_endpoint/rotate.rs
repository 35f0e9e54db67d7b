use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;
use jackfield_webhooks::outbound::KEY_OVERLAP;

use super::{WebhookEndpoint, outcome, unknown_endpoint};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::Duration;

/// The longest overlap, in hours.
const LONGEST: i64 = 7 * 24;

/// The mutation `rotateWebhookSecret`.
#[derive(Default)]
pub struct RotateWebhookSecret;

/// What `rotateWebhookSecret` takes.
#[derive(InputObject)]
struct RotateWebhookSecretInput {
    /// The endpoint that gets a new secret.
    webhook_endpoint_id: ID,
    /// How long the old secret signs beside the new one, up to P7D; P1D by default. PT0S takes it away at once.
    overlap: Option<Duration>,
}

/// What `rotateWebhookSecret` answers.
#[derive(SimpleObject, Default)]
struct RotateWebhookSecretPayload {
    /// The endpoint; null when there are user errors.
    webhook_endpoint: Option<WebhookEndpoint>,
    /// The new secret, or public key, which is shown only now.
    secret: Option<String>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl RotateWebhookSecret {
    /// Gives an endpoint a new secret. Until the overlap ends, what is sent carries a signature of each.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose secret.")] input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload> {
        let permit = ctx.permit::<ManageWebhooks>()?;
        let refused = |error| RotateWebhookSecretPayload {
            user_errors: vec![error],
            ..Default::default()
        };
        let Ok(id) = input.webhook_endpoint_id.parse() else {
            return Ok(refused(unknown_endpoint()));
        };
        let overlap = match input.overlap {
            None => KEY_OVERLAP,
            Some(Duration(given)) if given.is_negative() || given.as_hours() > LONGEST => {
                let error = UserError::invalid("overlap", "An overlap is from PT0S to P7D.");
                return Ok(refused(error));
            }
            Some(Duration(given)) => given.unsigned_abs(),
        };
        let outbound = &ctx.services()?.outbound;
        let rotated = outbound.rotate_secret(&permit, id, overlap).await;
        let (made, user_errors) = outcome(rotated, unknown_endpoint)?;
        let (row, secret) = made.map(|made| (made.endpoint, made.secret)).unzip();
        Ok(RotateWebhookSecretPayload {
            webhook_endpoint: row.map(WebhookEndpoint),
            secret,
            user_errors,
        })
    }
}
