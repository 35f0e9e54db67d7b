use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::run;

use crate::context::ContextExt;
use crate::errors::internal;

/// The query `run`.
#[derive(Default)]
pub struct FindRun;

#[Object]
impl FindRun {
    /// One run; null when there is none with this id.
    async fn run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The run's id.")] id: ID,
    ) -> Result<Option<super::Run>> {
        let permit = ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = run::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(super::Run))
    }
}
