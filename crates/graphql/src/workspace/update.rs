use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};
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
    /// How many days an event is kept, from 1 to 3650; null for as many as the server keeps it.
    keep_events_days: MaybeUndefined<i32>,
    /// How many days a delivery is kept with its attempts, from 1 to 3650; null for as many as an event.
    keep_deliveries_days: MaybeUndefined<i32>,
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
        let days = [
            ("keepEventsDays", &input.keep_events_days),
            ("keepDeliveriesDays", &input.keep_deliveries_days),
        ];
        let wrong = days.into_iter().filter(
            |(_, days)| matches!(days, MaybeUndefined::Value(days) if !(1..=3_650).contains(days)),
        );
        let message = "A number of days is from 1 to 3650.";
        let wrong: Vec<_> = wrong
            .map(|(field, _)| UserError::invalid(field, message))
            .collect();
        if !wrong.is_empty() {
            return Ok(UpdateWorkspacePayload {
                workspace: None,
                user_errors: wrong,
            });
        }
        let rules = Rules {
            keep_events_days: given(input.keep_events_days),
            keep_deliveries_days: given(input.keep_deliveries_days),
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

fn given(days: MaybeUndefined<i32>) -> Option<Option<i32>> {
    match days {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(days) => Some(Some(days)),
    }
}
