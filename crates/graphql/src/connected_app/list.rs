use async_graphql::{Context, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::connected_app;

use super::ConnectedApp;
use crate::connection::{Connection, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `connectedApps`.
#[derive(Default)]
pub struct ListConnectedApps;

#[Object]
impl ListConnectedApps {
    /// The workspace's connected apps, newest first.
    async fn connected_apps(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<ConnectedApp>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let page = page(first, after.as_deref())?;
        let slice = connected_app::list(store.reader(), &permit, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, after.is_some(), move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                connected_app::count(store.reader(), &permit)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
