use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::Resource;
use super::outcome::refused;
use crate::connected_app::unknown_app;
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `importResources`.
#[derive(Default)]
pub struct ImportResources;

/// What `importResources` takes.
#[derive(InputObject)]
struct ImportResourcesInput {
    /// The connected app whose account is to be looked at.
    connected_app_id: ID,
    /// The type to import, such as `sender_email`.
    resource_type: String,
}

/// What `importResources` answers.
#[derive(SimpleObject, Default)]
struct ImportResourcesPayload {
    /// Those that are new.
    resources: Vec<Resource>,
    /// How many more the account has than the app may hold.
    left_out: i32,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ImportResources {
    /// Takes over what the account has at the provider. Those that the app holds already are brought up to date.
    async fn import_resources(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to import.")] input: ImportResourcesInput,
    ) -> Result<ImportResourcesPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(app) = input.connected_app_id.parse() else {
            return Ok(ImportResourcesPayload {
                user_errors: vec![unknown_app()],
                ..Default::default()
            });
        };
        let apps = &ctx.services()?.apps;
        let imported = apps.import_resources(&permit, app, &input.resource_type);
        Ok(match imported.await {
            Ok(imported) => ImportResourcesPayload {
                resources: imported.resources.into_iter().map(Resource).collect(),
                left_out: i32::try_from(imported.left_out).unwrap_or(i32::MAX),
                user_errors: Vec::new(),
            },
            Err(error) => ImportResourcesPayload {
                user_errors: refused(error)?,
                ..Default::default()
            },
        })
    }
}
