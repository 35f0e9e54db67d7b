use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_connected_apps::UpdateResource as Update;
use jackfield_storage::access::ManageApps;

use super::Resource;
use super::outcome::{outcome, unknown_resource};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `updateResource`.
#[derive(Default)]
pub struct UpdateResource;

/// What `updateResource` takes. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateResourceInput {
    /// The resource to change.
    resource_id: ID,
    /// What the provider calls it. It is asked whether the new one may be used.
    value: Option<String>,
    /// What people call it; an empty text removes the label.
    label: Option<String>,
}

/// What `updateResource` answers.
#[derive(SimpleObject)]
struct UpdateResourcePayload {
    /// The resource; null when there are user errors.
    resource: Option<Resource>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl UpdateResource {
    /// Changes the label or the value of a resource. Nodes that refer to it use the new value from now on.
    async fn update_resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateResourceInput,
    ) -> Result<UpdateResourcePayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.resource_id.parse() else {
            return Ok(UpdateResourcePayload {
                resource: None,
                user_errors: vec![unknown_resource()],
            });
        };
        let update = Update {
            value: input.value,
            label: input.label,
        };
        let apps = &ctx.services()?.apps;
        let (resource, user_errors) = outcome(apps.update_resource(&permit, id, update).await)?;
        Ok(UpdateResourcePayload {
            resource,
            user_errors,
        })
    }
}
