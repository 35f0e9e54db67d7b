use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::Resource;
use super::outcome::{outcome, unknown_resource};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `verifyResource`.
#[derive(Default)]
pub struct VerifyResource;

/// What `verifyResource` takes.
#[derive(InputObject)]
struct VerifyResourceInput {
    /// The resource to ask the provider about.
    resource_id: ID,
}

/// What `verifyResource` answers.
#[derive(SimpleObject)]
struct VerifyResourcePayload {
    /// The resource with the provider's word; null when there are user errors.
    resource: Option<Resource>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl VerifyResource {
    /// Asks the provider now whether a resource may be used. When it cannot be asked, nothing changes.
    async fn verify_resource(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: VerifyResourceInput,
    ) -> Result<VerifyResourcePayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.resource_id.parse() else {
            return Ok(VerifyResourcePayload {
                resource: None,
                user_errors: vec![unknown_resource()],
            });
        };
        let apps = &ctx.services()?.apps;
        let (resource, user_errors) = outcome(apps.verify_resource(&permit, id).await)?;
        Ok(VerifyResourcePayload {
            resource,
            user_errors,
        })
    }
}
