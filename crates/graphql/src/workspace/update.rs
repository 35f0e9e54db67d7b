use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWorkspace;
use jackfield_storage::workspace::{self, Rules};

use super::{SchemaMismatch, UnknownEventTypes, Workspace};
use crate::context::ContextExt;
use crate::errors::{UserError, internal};

/// The mutation `updateWorkspace`.
#[derive(Default)]
pub struct UpdateWorkspace;

/// What `updateWorkspace` takes. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateWorkspaceInput {
    /// What happens to a published event whose data does not match the schema of its type.
    schema_mismatch: Option<SchemaMismatch>,
    /// What happens to a published event whose type is not in the catalogue, or is archived there.
    unknown_event_types: Option<UnknownEventTypes>,
}

/// What `updateWorkspace` answers.
#[derive(SimpleObject)]
struct UpdateWorkspacePayload {
    /// The workspace; null when there are user errors.
    workspace: Option<Workspace>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl UpdateWorkspace {
    /// Changes the rules of the caller's workspace.
    async fn update_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateWorkspaceInput,
    ) -> Result<UpdateWorkspacePayload> {
        let permit = ctx.permit::<ManageWorkspace>()?;
        let rules = Rules {
            schema_mismatch: input.schema_mismatch.map(Into::into),
            unknown_event_types: input.unknown_event_types.map(Into::into),
        };
        let row = workspace::update(ctx.store()?, &permit, rules)
            .await
            .map_err(internal)?;
        Ok(UpdateWorkspacePayload {
            workspace: Some(Workspace(row)),
            user_errors: Vec::new(),
        })
    }
}
