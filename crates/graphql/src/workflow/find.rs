use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::workflow;

use super::Workflow;
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `workflow`.
#[derive(Default)]
pub struct FindWorkflow;

#[Object]
impl FindWorkflow {
    /// One workflow; null when there is none with this id.
    async fn workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workflow's id.")] id: ID,
    ) -> Result<Option<Workflow>> {
        let permit = ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = workflow::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(Workflow))
    }
}
