use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_connected_apps::NewResource;
use jackfield_storage::access::ManageApps;

use super::Resource;
use super::outcome::outcome;
use crate::connected_app::unknown_app;
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `createResource`.
#[derive(Default)]
pub struct CreateResource;

/// What `createResource` takes.
#[derive(InputObject)]
struct CreateResourceInput {
    /// The connected app that is to hold it.
    connected_app_id: ID,
    /// Its type, of those that the app's provider has, such as `sender_email`.
    resource_type: String,
    /// What the provider calls it, such as `hello@example.com`.
    value: String,
    /// What people call it; at most 200 characters.
    label: Option<String>,
}

/// What `createResource` answers.
#[derive(SimpleObject)]
struct CreateResourcePayload {
    /// The resource; null when there are user errors.
    resource: Option<Resource>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateResource {
    /// Adds a resource to a connected app, and asks the provider whether it may be used. The first verified one of an app and type
    /// becomes the default.
    async fn create_resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to add.")] input: CreateResourceInput,
    ) -> Result<CreateResourcePayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(app) = input.connected_app_id.parse() else {
            return Ok(CreateResourcePayload {
                resource: None,
                user_errors: vec![unknown_app()],
            });
        };
        let new = NewResource {
            app,
            resource_type: input.resource_type,
            value: input.value,
            label: input.label,
        };
        let apps = &ctx.services()?.apps;
        let (resource, user_errors) = outcome(apps.create_resource(&permit, new).await)?;
        Ok(CreateResourcePayload {
            resource,
            user_errors,
        })
    }
}
