use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::Resource;
use super::outcome::{outcome, unknown_resource};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `deleteResource`.
#[derive(Default)]
pub struct DeleteResource;

/// What `deleteResource` takes.
#[derive(InputObject)]
struct DeleteResourceInput {
    /// The resource to delete.
    resource_id: ID,
}

/// What `deleteResource` answers.
#[derive(SimpleObject)]
struct DeleteResourcePayload {
    /// The resource as it was; null when there are user errors.
    resource: Option<Resource>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DeleteResource {
    /// Deletes a resource. Nodes that refer to it use the default of its type from now on, with a warning in the history of the
    /// step. If it was the default itself, the oldest verified one of the same app and type takes its place.
    async fn delete_resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteResourceInput,
    ) -> Result<DeleteResourcePayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.resource_id.parse() else {
            return Ok(DeleteResourcePayload {
                resource: None,
                user_errors: vec![unknown_resource()],
            });
        };
        let apps = &ctx.services()?.apps;
        let (resource, user_errors) = outcome(apps.delete_resource(&permit, id).await)?;
        Ok(DeleteResourcePayload {
            resource,
            user_errors,
        })
    }
}
