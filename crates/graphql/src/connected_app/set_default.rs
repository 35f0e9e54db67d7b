use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::ConnectedApp;
use super::outcome::{outcome, unknown_app};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `setDefaultConnectedApp`.
#[derive(Default)]
pub struct SetDefaultConnectedApp;

/// What `setDefaultConnectedApp` takes.
#[derive(InputObject)]
struct SetDefaultConnectedAppInput {
    /// The connected app that is to be the default of its provider.
    connected_app_id: ID,
}

/// What `setDefaultConnectedApp` answers.
#[derive(SimpleObject)]
struct SetDefaultConnectedAppPayload {
    /// The connected app; null when there are user errors.
    connected_app: Option<ConnectedApp>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SetDefaultConnectedApp {
    /// Makes a connected app the default of its provider: the one that steps use which need an app of it and name none. The
    /// default before it is none any more.
    async fn set_default_connected_app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: SetDefaultConnectedAppInput,
    ) -> Result<SetDefaultConnectedAppPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.connected_app_id.parse() else {
            return Ok(SetDefaultConnectedAppPayload {
                connected_app: None,
                user_errors: vec![unknown_app()],
            });
        };
        let apps = &ctx.services()?.apps;
        let (connected_app, user_errors) = outcome(apps.set_default(&permit, id).await)?;
        Ok(SetDefaultConnectedAppPayload {
            connected_app,
            user_errors,
        })
    }
}
