use async_graphql::{Context, ID, InputObject, Object, Result};
use jackfield_storage::delivery;

use super::{Delivery, DeliveryStatus};
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::Code;

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
        ctx.loaders()?.deliveries.page(filter, page).await
    }
}
