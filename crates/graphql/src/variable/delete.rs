use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageVariables;

use super::Variable;
use super::outcome::{outcome, unknown_variable};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `deleteVariable`.
#[derive(Default)]
pub struct DeleteVariable;

/// What `deleteVariable` takes.
#[derive(InputObject)]
struct DeleteVariableInput {
    /// The variable to delete.
    variable_id: ID,
}

/// What `deleteVariable` answers.
#[derive(SimpleObject)]
struct DeleteVariablePayload {
    /// The variable as it was; null when there are user errors.
    variable: Option<Variable>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DeleteVariable {
    /// Deletes a variable with its history. Expressions that read it find nothing from then on.
    async fn delete_variable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to delete.")] input: DeleteVariableInput,
    ) -> Result<DeleteVariablePayload> {
        let permit = ctx.permit::<ManageVariables>()?;
        let Ok(id) = input.variable_id.parse() else {
            return Ok(DeleteVariablePayload {
                variable: None,
                user_errors: vec![unknown_variable()],
            });
        };
        let (variable, user_errors) =
            outcome(ctx.services()?.workflows.delete_variable(&permit, id).await)?;
        Ok(DeleteVariablePayload {
            variable,
            user_errors,
        })
    }
}
