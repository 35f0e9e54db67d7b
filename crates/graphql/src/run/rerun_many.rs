use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_storage::run;
use jackfield_workflows as workflows;

use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::DateTime;
use crate::workflow::outcome;

/// The mutation `rerunMany`.
#[derive(Default)]
pub struct RerunMany;

/// What `rerunMany` takes.
#[derive(InputObject)]
struct RerunManyInput {
    /// Which runs are meant.
    filter: RerunFilter,
    /// Whether everything that succeeded is kept with its outputs, and only the rest is done over.
    #[graphql(default)]
    from_failure: bool,
    /// Whether by the published versions of the workflows; otherwise by the versions that the runs followed.
    #[graphql(default)]
    use_latest: bool,
    /// At most so many runs, from 1 to 1000.
    #[graphql(default = 1000)]
    limit: i32,
    /// Where the last call stopped: its `after`.
    after: Option<ID>,
}

/// Which runs are meant. What is not given does not restrict.
#[derive(InputObject)]
struct RerunFilter {
    /// Only runs of this workflow.
    workflow_id: Option<ID>,
    /// How they ended.
    #[graphql(default_with = "RerunStatus::Failed")]
    status: RerunStatus,
    /// Only runs that were asked for then or later.
    since: Option<DateTime>,
    /// Only runs that were asked for before then.
    until: Option<DateTime>,
}

/// How a run ended that is to be done over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum RerunStatus {
    /// It stopped at an error.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

/// What `rerunMany` answers.
#[derive(SimpleObject)]
struct RerunManyPayload {
    /// How many runs were started.
    started: u64,
    /// How many cannot be done over, because their workflow is deleted or not published.
    left_out: u64,
    /// To be given to the next call, which goes on from there; null when there are no more.
    after: Option<ID>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl RerunMany {
    /// Does many runs over, oldest first. Runs that were done over before are left out, so that nothing is done twice when a
    /// call is repeated. A call does at most `limit` runs; while it answers with an `after`, there are more.
    async fn rerun_many(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do over.")] input: RerunManyInput,
    ) -> Result<RerunManyPayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let many = match input.check() {
            Ok(many) => many,
            Err(error) => {
                return Ok(RerunManyPayload::of(
                    workflows::RerunProgress::default(),
                    vec![error],
                ));
            }
        };
        let done = ctx.services()?.workflows.rerun_many(&permit, many).await;
        let (progress, user_errors) = outcome(done)?;
        Ok(RerunManyPayload::of(
            progress.unwrap_or_default(),
            user_errors,
        ))
    }
}

impl RerunManyInput {
    fn check(self) -> Result<workflows::RerunMany, UserError> {
        let workflow_id = self.filter.workflow_id.map(|id| id.parse()).transpose();
        let workflow_id = workflow_id.map_err(|_| UserError::not_found("filter", "workflow"))?;
        let after = self.after.map(|id| id.parse()).transpose();
        let after = after
            .map_err(|_| UserError::invalid("after", "Give the `after` of an earlier call."))?;
        let most = i32::try_from(workflows::MAX_RERUNS).unwrap_or(i32::MAX);
        if !(1..=most).contains(&self.limit) {
            return Err(UserError::invalid(
                "limit",
                format!("It has to be from 1 to {most}."),
            ));
        }
        let status = match self.filter.status {
            RerunStatus::Failed => run::RunStatus::Failed,
            RerunStatus::Cancelled => run::RunStatus::Cancelled,
        };
        Ok(workflows::RerunMany {
            past: run::Past {
                status,
                workflow_id,
                since: self.filter.since.map(|since| since.0),
                until: self.filter.until.map(|until| until.0),
                after,
            },
            from: match self.from_failure {
                true => workflows::RerunFrom::Failure,
                false => workflows::RerunFrom::Start,
            },
            use_latest: self.use_latest,
            limit: u64::from(self.limit.unsigned_abs()),
        })
    }
}

impl RerunManyPayload {
    fn of(progress: workflows::RerunProgress, user_errors: Vec<UserError>) -> Self {
        Self {
            started: progress.started,
            left_out: progress.left_out,
            after: progress.after.map(|id| id.to_string().into()),
            user_errors,
        }
    }
}
