use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;

use super::Delivery;
use crate::context::ContextExt;

/// The query `delivery`.
#[derive(Default)]
pub struct FindDelivery;

#[Object]
impl FindDelivery {
    /// One delivery; null when there is none with this id.
    async fn delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The delivery's id.")] id: ID,
    ) -> Result<Option<Delivery>> {
        ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(ctx.loaders()?.delivery.load(id).await?.map(Delivery))
    }
}
