use async_graphql::{Context, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::ManageKeys;
use jackfield_storage::api_key;

use super::ApiKey;
use crate::connection::{Connection, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `apiKeys`.
#[derive(Default)]
pub struct ListApiKeys;

#[Object]
impl ListApiKeys {
    /// The workspace's API keys, newest first, also those that were revoked.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<ApiKey>> {
        let permit = ctx.permit::<ManageKeys>()?;
        let store = ctx.store()?.clone();
        let page = page(first, after.as_deref())?;
        let slice = api_key::list(store.reader(), &permit, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, after.is_some(), move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                api_key::count(store.reader(), &permit)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
