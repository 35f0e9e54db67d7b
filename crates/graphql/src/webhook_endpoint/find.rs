use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::webhook_endpoint;

use super::WebhookEndpoint;
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `webhookEndpoint`.
#[derive(Default)]
pub struct FindWebhookEndpoint;

#[Object]
impl FindWebhookEndpoint {
    /// One webhook endpoint; null when there is none with this id.
    async fn webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint's id.")] id: ID,
    ) -> Result<Option<WebhookEndpoint>> {
        let permit = ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = webhook_endpoint::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(WebhookEndpoint))
    }
}
