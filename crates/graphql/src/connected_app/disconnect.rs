use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::ConnectedApp;
use super::outcome::{outcome, unknown_app};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `disconnectApp`.
#[derive(Default)]
pub struct DisconnectApp;

/// What `disconnectApp` takes.
#[derive(InputObject)]
struct DisconnectAppInput {
    /// The connected app to remove.
    connected_app_id: ID,
    /// Whether to remove it although workflows use it or it has resources.
    #[graphql(default)]
    force: bool,
}

/// What `disconnectApp` answers.
#[derive(SimpleObject)]
struct DisconnectAppPayload {
    /// The connected app as it was; null when there are user errors.
    connected_app: Option<ConnectedApp>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl DisconnectApp {
    /// Removes a connected app with its credentials and resources for good. Steps that name it fail. One that has users is removed
    /// with `force` only; without it the answer says what they are. If it was the default of its provider, the oldest of the
    /// others becomes the default.
    async fn disconnect_app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to remove.")] input: DisconnectAppInput,
    ) -> Result<DisconnectAppPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.connected_app_id.parse() else {
            return Ok(DisconnectAppPayload {
                connected_app: None,
                user_errors: vec![unknown_app()],
            });
        };
        let (connected_app, user_errors) = outcome(
            ctx.services()?
                .apps
                .disconnect(&permit, id, input.force)
                .await,
        )?;
        Ok(DisconnectAppPayload {
            connected_app,
            user_errors,
        })
    }
}
