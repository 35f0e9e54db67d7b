use async_graphql::{Context, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::webhook_endpoint;

use super::WebhookEndpoint;
use crate::connection::{Connection, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `webhookEndpoints`.
#[derive(Default)]
pub struct ListWebhookEndpoints;

#[Object]
impl ListWebhookEndpoints {
    /// The workspace's webhook endpoints, newest first.
    async fn webhook_endpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<WebhookEndpoint>> {
        let (permit, store) = (ctx.permit::<Read>()?, ctx.store()?.clone());
        let page = page(first, after.as_deref())?;
        let slice = webhook_endpoint::list(store.reader(), &permit, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, after.is_some(), move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                let counted = webhook_endpoint::count(store.reader(), &permit).await;
                counted.map_err(internal)
            }
            .boxed()
        }))
    }
}
