use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageApps;

use super::ConnectedApp;
use super::outcome::{outcome, unknown_app};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `checkConnectedApp`.
#[derive(Default)]
pub struct CheckConnectedApp;

/// What `checkConnectedApp` takes.
#[derive(InputObject)]
struct CheckConnectedAppInput {
    /// The connected app to check.
    connected_app_id: ID,
}

/// What `checkConnectedApp` answers.
#[derive(SimpleObject)]
struct CheckConnectedAppPayload {
    /// The connected app; null when there are user errors.
    connected_app: Option<ConnectedApp>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CheckConnectedApp {
    /// Asks the provider now whether it takes the credentials, and brings the app's resources up to date. What it says is in
    /// `lastHealthCheck` and `status` of the answer: credentials that it refuses are no user error.
    async fn check_connected_app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CheckConnectedAppInput,
    ) -> Result<CheckConnectedAppPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.connected_app_id.parse() else {
            return Ok(CheckConnectedAppPayload {
                connected_app: None,
                user_errors: vec![unknown_app()],
            });
        };
        let apps = &ctx.services()?.apps;
        let (connected_app, user_errors) = outcome(apps.check(&permit, id).await)?;
        Ok(CheckConnectedAppPayload {
            connected_app,
            user_errors,
        })
    }
}
