use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::ManageKeys;
use jackfield_storage::api_key;

use super::ApiKey;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `apiKeys`.
#[derive(Default)]
pub struct ListApiKeys;

/// Which API keys are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct ApiKeyFilter {
    /// Only those that are accepted now, or only those that are not: they were revoked or have expired.
    accepted: Option<bool>,
}

#[Object]
impl ListApiKeys {
    /// The workspace's API keys, newest first, also those that were revoked.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which API keys are wanted; all when it is not given.")] filter: Option<
            ApiKeyFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<ApiKey>> {
        let permit = ctx.permit::<ManageKeys>()?;
        let store = ctx.store()?.clone();
        let now = store.clock().now();
        let accepted = filter.unwrap_or_default().accepted;
        let filter = accepted.map(|accepted| api_key::Accepted { accepted, now });
        let page = page((first, after), (last, before), order)?;
        let slice = api_key::list(store.reader(), &permit, filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                api_key::count(store.reader(), &permit, filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
