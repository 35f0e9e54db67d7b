use async_graphql::{Context, ID, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::run;

use super::{Run, RunStatus};
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::loaders::UNSEEN_OF_RUNS;

/// The query `runs`.
#[derive(Default)]
pub struct ListRuns;

/// Which runs are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct RunFilter {
    /// Only runs of this workflow.
    workflow_id: Option<ID>,
    /// Only runs that are this far.
    status: Option<RunStatus>,
    /// Only test runs of drafts, or only runs that are none.
    is_test: Option<bool>,
}

impl RunFilter {
    fn check(self) -> Result<run::RunFilter> {
        let workflow_id = self.workflow_id.map(|id| id.parse()).transpose();
        let workflow_id = workflow_id
            .map_err(|error| Code::BadUserInput.error(format!("`filter.workflowId`: {error}")))?;
        Ok(run::RunFilter {
            workflow_id,
            status: self.status.map(run::RunStatus::from),
            is_test: self.is_test,
        })
    }
}

#[Object]
impl ListRuns {
    /// The workspace's runs, newest first.
    async fn runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which runs are wanted; all when it is not given.")] filter: Option<
            RunFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Run>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let page = page((first, after), (last, before), order)?;
        let filter = filter.unwrap_or_default().check()?;
        let without = ctx.unseen(&UNSEEN_OF_RUNS);
        let slice = run::list(store.reader(), &permit, &filter, page, &without)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                run::count(store.reader(), &permit, &filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
