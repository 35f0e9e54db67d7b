use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;
use jackfield_storage::{Json, Problem, ProblemCode};
use jackfield_workflows::{PinNode as NewPin, PinOutput};

use super::Workflow;
use super::outcome::{outcome, unknown_workflow};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `pinNode`.
#[derive(Default)]
pub struct PinNode;

/// What `pinNode` takes: the output itself, or the step that returned it.
#[derive(InputObject)]
struct PinNodeInput {
    /// The workflow to whose draft the node belongs.
    workflow_id: ID,
    /// The node's key in the draft; with `stepId` it is that of the step when it is not given.
    node_key: Option<String>,
    /// The step of an earlier run whose output and port are pinned.
    step_id: Option<ID>,
    /// The output, instead of a step's.
    output: MaybeUndefined<JsonScalar>,
    /// The port at which the node leaves with `output`; `data-out` by default.
    port: Option<String>,
}

/// What `pinNode` answers.
#[derive(SimpleObject)]
struct PinNodePayload {
    /// The workflow with its pins; null when there are user errors.
    workflow: Option<Workflow>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl PinNode {
    /// Pins the output of a node of the draft: test runs take it instead of executing the node. Runs of what is published
    /// know nothing of it.
    async fn pin_node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to pin, and to which node.")] input: PinNodeInput,
    ) -> Result<PinNodePayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let pin = match input.check() {
            Ok(pin) => pin,
            Err(error) => {
                return Ok(PinNodePayload {
                    workflow: None,
                    user_errors: vec![error],
                });
            }
        };
        let (workflow, user_errors) = outcome(ctx.services()?.workflows.pin(&permit, pin).await)?;
        Ok(PinNodePayload {
            workflow: workflow.map(Workflow),
            user_errors,
        })
    }
}

impl PinNodeInput {
    fn check(self) -> Result<NewPin, UserError> {
        let workflow_id = self.workflow_id.parse().map_err(|_| unknown_workflow())?;
        let refused = |field, code, message| UserError::from(Problem::new([field], code, message));
        let given = match (self.output, &self.step_id) {
            (MaybeUndefined::Value(output), _) => Some(output.0),
            // A node may return null; next to a step, null is no output.
            (MaybeUndefined::Null, None) => Some(Json::null()),
            (MaybeUndefined::Null, Some(_)) | (MaybeUndefined::Undefined, _) => None,
        };
        let output = match (self.step_id, given) {
            (None, Some(output)) => PinOutput::Given(output, self.port),
            (Some(id), None) if self.port.is_none() => {
                let id = id.parse();
                PinOutput::OfStep(id.map_err(|_| UserError::not_found("stepId", "step"))?)
            }
            (Some(_), None) => {
                let message = "a step brings its own port; leave `port` out";
                return Err(refused("port", ProblemCode::Conflict, message));
            }
            (Some(_), Some(_)) => {
                let message = "give either `output` or `stepId`";
                return Err(refused("output", ProblemCode::Conflict, message));
            }
            (None, None) => {
                let message = "give `output`, or the `stepId` of the step that returned it";
                return Err(refused("output", ProblemCode::Required, message));
            }
        };
        Ok(NewPin {
            workflow_id,
            node_key: self.node_key,
            output,
        })
    }
}
