use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageVariables;
use jackfield_workflows as workflows;

use super::Variable;
use super::outcome::outcome;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `setVariable`.
#[derive(Default)]
pub struct SetVariable;

/// What `setVariable` takes.
#[derive(InputObject)]
struct SetVariableInput {
    /// What expressions call it: letters, digits and `_`, not beginning with a digit; 100 characters at most.
    name: String,
    /// What expressions get: any JSON, 64 KiB at most. It is no place for secrets.
    value: JsonScalar,
    /// What it is for, 2,000 characters at most; as it was when not given.
    description: Option<String>,
}

/// What `setVariable` answers.
#[derive(SimpleObject)]
struct SetVariablePayload {
    /// The variable; null when there are user errors.
    variable: Option<Variable>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SetVariable {
    /// Gives a variable its value, and makes it if there is none of that name. Runs that a server takes up from now on see it.
    async fn set_variable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The variable as it shall be.")] input: SetVariableInput,
    ) -> Result<SetVariablePayload> {
        let permit = ctx.permit::<ManageVariables>()?;
        let set = workflows::SetVariable {
            name: input.name,
            value: input.value.0,
            description: input.description,
        };
        let (variable, user_errors) =
            outcome(ctx.services()?.workflows.set_variable(&permit, set).await)?;
        Ok(SetVariablePayload {
            variable,
            user_errors,
        })
    }
}
