use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::resource;

use super::Resource;
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `resource`.
#[derive(Default)]
pub struct FindResource;

#[Object]
impl FindResource {
    /// A resource of a connected app by its id; null when there is none.
    async fn resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The resource's id.")] id: ID,
    ) -> Result<Option<Resource>> {
        let permit = ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = resource::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(Resource))
    }
}
