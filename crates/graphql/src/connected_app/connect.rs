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
    /// Whether to store the credentials without asking the provider whether it takes them.
    #[graphql(default)]
    skip_test: bool,
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
    /// Connects an app: asks the provider whether it takes the credentials, where it can be asked, and keeps them, sealed, for steps
    /// to use. The first app of a provider is its default.
    async fn connect_app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The app to connect.")] input: ConnectAppInput,
    ) -> Result<ConnectAppPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let new = NewApp {
            provider: input.provider,
            name: input.name,
            credentials: input.credentials.0.value(),
            rate_limit: input.rate_limit.map(Into::into),
            skip_test: input.skip_test,
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
