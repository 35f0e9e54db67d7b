use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::webhook_endpoint;

use super::WebhookEndpoint;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `webhookEndpoints`.
#[derive(Default)]
pub struct ListWebhookEndpoints;

/// Which webhook endpoints are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct WebhookEndpointFilter {
    /// Only those that are switched on, or only those that are not.
    active: Option<bool>,
    /// Only those with this text in their name, URL or description.
    search: Option<String>,
}

#[Object]
impl ListWebhookEndpoints {
    /// The workspace's webhook endpoints, newest first.
    async fn webhook_endpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which webhook endpoints are wanted; all when it is not given.")]
        filter: Option<WebhookEndpointFilter>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<WebhookEndpoint>> {
        let (permit, store) = (ctx.permit::<Read>()?, ctx.store()?.clone());
        let filter = filter.unwrap_or_default();
        let filter = webhook_endpoint::WebhookEndpointFilter {
            active: filter.active,
            search: filter.search,
        };
        let page = page((first, after), (last, before), order)?;
        let slice = webhook_endpoint::list(store.reader(), &permit, &filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                let counted = webhook_endpoint::count(store.reader(), &permit, &filter).await;
                counted.map_err(internal)
            }
            .boxed()
        }))
    }
}
