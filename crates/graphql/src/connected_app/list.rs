use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::connected_app;

use super::ConnectedApp;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `connectedApps`.
#[derive(Default)]
pub struct ListConnectedApps;

/// Which connected apps are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct ConnectedAppFilter {
    /// Only those of this provider, such as `postmark`.
    provider: Option<String>,
    /// Only those that are switched on, or only those that are not.
    active: Option<bool>,
    /// Only those with this text in their name.
    search: Option<String>,
}

#[Object]
impl ListConnectedApps {
    /// The workspace's connected apps, newest first.
    async fn connected_apps(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which connected apps are wanted; all when it is not given.")]
        filter: Option<ConnectedAppFilter>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<ConnectedApp>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let filter = filter.unwrap_or_default();
        let filter = connected_app::ConnectedAppFilter {
            provider: filter.provider,
            active: filter.active,
            search: filter.search,
        };
        let page = page((first, after), (last, before), order)?;
        let slice = connected_app::list(store.reader(), &permit, &filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                connected_app::count(store.reader(), &permit, &filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
