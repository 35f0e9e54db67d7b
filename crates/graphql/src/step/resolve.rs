use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_workflows::run::{Resolution, ResolveStep as Resolve};

use super::Step;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;
use crate::workflow::outcome;

/// The mutation `resolveStep`.
#[derive(Default)]
pub struct ResolveStep;

/// What is decided about a step of which it is not known whether it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum StepResolution {
    /// It is executed again, with the same idempotency keys.
    Retry,
    /// It counts as done, with the output that is given.
    Succeed,
    /// It counts as failed.
    Fail,
}

/// What `resolveStep` takes.
#[derive(InputObject)]
struct ResolveStepInput {
    /// The step, which is UNCERTAIN.
    step_id: ID,
    /// How the run goes on from it.
    resolution: StepResolution,
    /// With SUCCEED: what later steps see as its output; null by default.
    output: Option<JsonScalar>,
}

/// What `resolveStep` answers.
#[derive(SimpleObject)]
struct ResolveStepPayload {
    /// The step as it was; null when there are user errors.
    step: Option<Step>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ResolveStep {
    /// Lets a run go on from an UNCERTAIN step.
    async fn resolve_step(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is decided.")] input: ResolveStepInput,
    ) -> Result<ResolveStepPayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let Ok(step_id) = input.step_id.parse() else {
            return Ok(ResolveStepPayload {
                step: None,
                user_errors: vec![UserError::not_found("stepId", "step")],
            });
        };
        let resolution = match input.resolution {
            StepResolution::Retry => Resolution::Retry,
            StepResolution::Fail => Resolution::Fail,
            StepResolution::Succeed => Resolution::Succeed {
                output: input.output.map(|output| output.0),
            },
        };
        let resolve = Resolve {
            step_id,
            resolution,
        };
        let resolved = ctx
            .services()?
            .workflows
            .resolve_step(&permit, resolve)
            .await;
        let (step, user_errors) = outcome(resolved)?;
        Ok(ResolveStepPayload {
            step: step.map(Step),
            user_errors,
        })
    }
}
