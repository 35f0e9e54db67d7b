use async_graphql::{Context, ID, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::resource;

use super::Resource;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::{Code, internal};

/// The query `resources`.
#[derive(Default)]
pub struct ListResources;

/// Which resources are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct ResourceFilter {
    /// Only those of this type, such as `sender_email`.
    resource_type: Option<String>,
    /// Only those of apps of this provider, such as `postmark`.
    provider: Option<String>,
    /// Only those of this connected app.
    connected_app_id: Option<ID>,
    /// Only those that can be used: they are verified, and their app is not switched off.
    usable_only: Option<bool>,
}

#[Object]
impl ListResources {
    /// The resources of the workspace's connected apps, newest first.
    async fn resources(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which resources are wanted; all when it is not given.")] filter: Option<
            ResourceFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Resource>> {
        let (permit, store) = (ctx.permit::<Read>()?, ctx.store()?.clone());
        let filter = filter.unwrap_or_default();
        let app = filter.connected_app_id.map(|id| id.parse()).transpose();
        let filter = resource::ResourceFilter {
            resource_type: filter.resource_type,
            provider: filter.provider,
            app_id: app.map_err(|error| {
                Code::BadUserInput.error(format!("`filter.connectedAppId`: {error}"))
            })?,
            usable: filter.usable_only.unwrap_or_default(),
        };
        let page = page((first, after), (last, before), order)?;
        let slice = resource::list(store.reader(), &permit, &filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                let counted = resource::count(store.reader(), &permit, &filter).await;
                counted.map_err(internal)
            }
            .boxed()
        }))
    }
}
