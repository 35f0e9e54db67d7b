use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::connected_app;

use super::ConnectedApp;
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `connectedApp`.
#[derive(Default)]
pub struct FindConnectedApp;

#[Object]
impl FindConnectedApp {
    /// One connected app; null when there is none with this id.
    async fn connected_app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The connected app's id.")] id: ID,
    ) -> Result<Option<ConnectedApp>> {
        let permit = ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = connected_app::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(ConnectedApp))
    }
}
