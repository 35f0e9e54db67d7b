use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_connected_apps::NewApp;
use jackfield_storage::access::ManageApps;
use serde_json::Value;

use super::outcome::outcome;
use super::{ConnectedApp, RateLimitInput};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `connectApp`.
#[derive(Default)]
pub struct ConnectApp;

/// What `connectApp` takes.
#[derive(InputObject)]
struct ConnectAppInput {
    /// The provider's name, such as `stripe`.
    provider: String,
    /// What people call it; the provider's title by default.
    name: Option<String>,
    /// The credentials: `scheme` and what that scheme's JSON Schema asks for. They cannot be read back.
    credentials: JsonScalar,
    /// What is not secret, such as `origins`: which origins of the provider are replaced by which others.
    settings: Option<JsonScalar>,
    /// How many requests may be made with the credentials; any number by default.
    rate_limit: Option<RateLimitInput>,
}

/// What `connectApp` answers.
#[derive(SimpleObject)]
struct ConnectAppPayload {
    /// The connected app; null when there are user errors.
    connected_app: Option<ConnectedApp>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ConnectApp {
    /// Connects an app: keeps credentials for a provider, sealed, for steps to use.
    async fn connect_app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The app to connect.")] input: ConnectAppInput,
    ) -> Result<ConnectAppPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let new = NewApp {
            provider: input.provider,
            name: input.name.unwrap_or_default(),
            credentials: input.credentials.0.value(),
            rate_limit: input.rate_limit.map(Into::into),
            settings: input
                .settings
                .map_or(Value::Null, |settings| settings.0.value()),
        };
        let (connected_app, user_errors) =
            outcome(ctx.services()?.apps.connect(&permit, new).await)?;
        Ok(ConnectAppPayload {
            connected_app,
            user_errors,
        })
    }
}
