use async_graphql::{Context, ID, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::{Page, delivery};

use super::{Delivery, DeliveryStatus};
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::{Code, internal};

/// The query `deliveries`.
#[derive(Default)]
pub struct ListDeliveries;

/// Which deliveries are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct DeliveryFilter {
    /// Only those to this endpoint.
    webhook_endpoint_id: Option<ID>,
    /// Only those that are this far.
    status: Option<DeliveryStatus>,
}

#[Object]
impl ListDeliveries {
    /// The workspace's deliveries, the last first.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which deliveries are wanted; all when it is not given.")] filter: Option<
            DeliveryFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Delivery>> {
        let filter = filter.unwrap_or_default();
        let endpoint = filter.webhook_endpoint_id.map(|id| id.parse()).transpose();
        let filter = delivery::DeliveryFilter {
            endpoint_id: endpoint.map_err(|error| {
                Code::BadUserInput.error(format!("`filter.webhookEndpointId`: {error}"))
            })?,
            status: filter.status.map(Into::into),
        };
        let page = page((first, after), (last, before), order)?;
        connection(ctx, filter, page).await
    }
}

/// A page of deliveries.
async fn connection(
    ctx: &Context<'_>,
    filter: delivery::DeliveryFilter,
    page: Page,
) -> Result<Connection<Delivery>> {
    let (permit, store) = (ctx.permit::<Read>()?, ctx.store()?.clone());
    let slice = delivery::list(store.reader(), &permit, filter, page)
        .await
        .map_err(internal)?;
    Ok(Connection::new(slice, move || {
        let (store, permit) = (store.clone(), permit.clone());
        async move {
            let counted = delivery::count(store.reader(), &permit, filter).await;
            counted.map_err(internal)
        }
        .boxed()
    }))
}
