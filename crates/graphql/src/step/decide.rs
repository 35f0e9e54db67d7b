use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_workflows::{DecideError, Decision};

use super::Step;
use crate::context::ContextExt;
use crate::errors::{UserError, internal};

/// The mutation `decideApproval`.
#[derive(Default)]
pub struct DecideApproval;

/// What a person answers to an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Decision")]
pub enum ApprovalDecision {
    /// Yes.
    Approved,
    /// No.
    Rejected,
}

/// What `decideApproval` takes.
#[derive(InputObject)]
struct DecideApprovalInput {
    /// The step of the approval, which is WAITING.
    step_id: ID,
    /// Yes or no.
    decision: ApprovalDecision,
    /// What to say about it, for later steps and the history.
    comment: Option<String>,
}

/// What `decideApproval` answers.
#[derive(SimpleObject)]
struct DecideApprovalPayload {
    /// The step as it was; null when there are user errors.
    step: Option<Step>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DecideApproval {
    /// Answers an approval; the first answer counts.
    async fn decide_approval(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The answer.")] input: DecideApprovalInput,
    ) -> Result<DecideApprovalPayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let Ok(step) = input.step_id.parse() else {
            return Ok(DecideApprovalPayload {
                step: None,
                user_errors: vec![UserError::not_found("stepId", "step")],
            });
        };
        let workflows = &ctx.services()?.workflows;
        let decision = input.decision.into();
        let decided = workflows
            .decide(&permit, step, decision, input.comment)
            .await;
        match decided {
            Ok(step) => Ok(DecideApprovalPayload {
                step: Some(Step(step)),
                user_errors: Vec::new(),
            }),
            Err(DecideError::Rejected(problem)) => Ok(DecideApprovalPayload {
                step: None,
                user_errors: vec![problem.into()],
            }),
            Err(error) => Err(internal(error)),
        }
    }
}
