use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::Resource;
use super::outcome::{outcome, unknown_resource};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `setDefaultResource`.
#[derive(Default)]
pub struct SetDefaultResource;

/// What `setDefaultResource` takes.
#[derive(InputObject)]
struct SetDefaultResourceInput {
    /// The resource that is to be the default of its app and type. It has to be verified.
    resource_id: ID,
}

/// What `setDefaultResource` answers.
#[derive(SimpleObject)]
struct SetDefaultResourcePayload {
    /// The resource; null when there are user errors.
    resource: Option<Resource>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SetDefaultResource {
    /// Makes a resource the default: the one that is used when nothing else is said. The default before it is none any more.
    async fn set_default_resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: SetDefaultResourceInput,
    ) -> Result<SetDefaultResourcePayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.resource_id.parse() else {
            return Ok(SetDefaultResourcePayload {
                resource: None,
                user_errors: vec![unknown_resource()],
            });
        };
        let apps = &ctx.services()?.apps;
        let (resource, user_errors) = outcome(apps.set_default_resource(&permit, id).await)?;
        Ok(SetDefaultResourcePayload {
            resource,
            user_errors,
        })
    }
}
