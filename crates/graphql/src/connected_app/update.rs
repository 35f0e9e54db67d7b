use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use jackfield_connected_apps::UpdateApp;
use jackfield_storage::access::ManageApps;

use super::outcome::{outcome, unknown_app};
use super::{ConnectedApp, RateLimitInput};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `updateConnectedApp`.
#[derive(Default)]
pub struct UpdateConnectedApp;

/// What `updateConnectedApp` takes. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateConnectedAppInput {
    /// The connected app to change.
    connected_app_id: ID,
    /// What people call it.
    name: Option<String>,
    /// New credentials in place of the old ones.
    credentials: Option<JsonScalar>,
    /// New settings in place of the old ones.
    settings: Option<JsonScalar>,
    /// How many requests may be made with the credentials from now on; null for any number.
    rate_limit: MaybeUndefined<RateLimitInput>,
    /// Whether to store new credentials without asking the provider whether it takes them.
    #[graphql(default)]
    skip_test: bool,
}

/// What `updateConnectedApp` answers.
#[derive(SimpleObject)]
struct UpdateConnectedAppPayload {
    /// The connected app; null when there are user errors.
    connected_app: Option<ConnectedApp>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl UpdateConnectedApp {
    /// Changes the name, the credentials, the settings or the rate limit of a connected app. The provider is asked first whether it
    /// takes new credentials. A new rate limit holds at once: the steps that wait for the old one ask again.
    async fn update_connected_app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateConnectedAppInput,
    ) -> Result<UpdateConnectedAppPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.connected_app_id.parse() else {
            return Ok(UpdateConnectedAppPayload {
                connected_app: None,
                user_errors: vec![unknown_app()],
            });
        };
        let update = UpdateApp {
            name: input.name,
            credentials: input.credentials.map(|credentials| credentials.0.value()),
            settings: input.settings.map(|settings| settings.0.value()),
            rate_limit: match input.rate_limit {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(limit) => Some(Some(limit.into())),
            },
            skip_test: input.skip_test,
        };
        let (connected_app, user_errors) =
            outcome(ctx.services()?.apps.update(&permit, id, update).await)?;
        Ok(UpdateConnectedAppPayload {
            connected_app,
            user_errors,
        })
    }
}
