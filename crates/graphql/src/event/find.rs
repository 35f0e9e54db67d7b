use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::event;

use crate::context::ContextExt;
use crate::errors::internal;

/// The query `event`.
#[derive(Default)]
pub struct FindEvent;

#[Object]
impl FindEvent {
    /// One event; null when there is none with this id.
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event's id.")] id: ID,
    ) -> Result<Option<super::Event>> {
        let permit = ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = event::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(super::Event))
    }
}
