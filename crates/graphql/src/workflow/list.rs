use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::workflow;

use super::Workflow;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `workflows`.
#[derive(Default)]
pub struct ListWorkflows;

/// Which workflows are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct WorkflowFilter {
    /// Only those with a published version, or only those without one.
    published: Option<bool>,
    /// Only those with this text in their name.
    search: Option<String>,
}

#[Object]
impl ListWorkflows {
    /// The workspace's workflows, newest first.
    async fn workflows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which workflows are wanted; all when it is not given.")] filter: Option<
            WorkflowFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Workflow>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let filter = filter.unwrap_or_default();
        let filter = workflow::WorkflowFilter {
            published: filter.published,
            search: filter.search,
        };
        let page = page((first, after), (last, before), order)?;
        let slice = workflow::list(store.reader(), &permit, &filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                workflow::count(store.reader(), &permit, &filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
