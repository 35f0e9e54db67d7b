use async_graphql::{Context, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::workflow;

use super::Workflow;
use crate::connection::{Connection, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `workflows`.
#[derive(Default)]
pub struct ListWorkflows;

#[Object]
impl ListWorkflows {
    /// The workspace's workflows, newest first.
    async fn workflows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<Workflow>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let page = page(first, after.as_deref())?;
        let slice = workflow::list(store.reader(), &permit, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, after.is_some(), move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                workflow::count(store.reader(), &permit)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
