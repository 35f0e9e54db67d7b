use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::ConnectedApp;
use super::outcome::{outcome, unknown_app};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `setConnectedAppActive`.
#[derive(Default)]
pub struct SetConnectedAppActive;

/// What `setConnectedAppActive` takes.
#[derive(InputObject)]
struct SetConnectedAppActiveInput {
    /// The connected app to switch.
    connected_app_id: ID,
    /// Whether steps may use it.
    active: bool,
}

/// What `setConnectedAppActive` answers.
#[derive(SimpleObject)]
struct SetConnectedAppActivePayload {
    /// The connected app; null when there are user errors.
    connected_app: Option<ConnectedApp>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SetConnectedAppActive {
    /// Switches a connected app on or off. Its credentials are kept.
    async fn set_connected_app_active(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to switch.")] input: SetConnectedAppActiveInput,
    ) -> Result<SetConnectedAppActivePayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.connected_app_id.parse() else {
            return Ok(SetConnectedAppActivePayload {
                connected_app: None,
                user_errors: vec![unknown_app()],
            });
        };
        let (connected_app, user_errors) = outcome(
            ctx.services()?
                .apps
                .set_active(&permit, id, input.active)
                .await,
        )?;
        Ok(SetConnectedAppActivePayload {
            connected_app,
            user_errors,
        })
    }
}
