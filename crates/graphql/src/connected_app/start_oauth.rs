use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_connected_apps::AppError;
use jackfield_storage::access::ManageApps;

use super::outcome::unknown_app;
use crate::context::ContextExt;
use crate::errors::{UserError, internal};
use crate::scalars::{DateTime, Url};

/// The mutation `startOAuth`.
#[derive(Default)]
pub struct StartOAuth;

/// What `startOAuth` takes.
#[derive(InputObject)]
#[graphql(name = "StartOAuthInput")]
struct StartOAuthInput {
    /// The connected app that needs access.
    connected_app_id: ID,
    /// The page of yours to which the person comes back who has granted access, with `connectedAppId` and `status=granted` in its
    /// query; anybody else sees a page that says why not. Its origin is the server's own or one of `allowed_origins`. Without it
    /// the server shows a page of its own.
    return_to: Option<Url>,
}

/// What `startOAuth` answers.
#[derive(SimpleObject, Default)]
#[graphql(name = "StartOAuthPayload")]
struct StartOAuthPayload {
    /// Where to send the person who grants access; null when there are user errors.
    authorization_url: Option<Url>,
    /// Until when they have to be back.
    expires_at: Option<DateTime>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl StartOAuth {
    /// Begins to ask a person for access to their account at the app's provider. They grant it at `authorizationUrl`, which is
    /// good for one attempt; then the app is `CONNECTED`.
    #[graphql(name = "startOAuth")]
    async fn start_oauth(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app, and where to go then.")] input: StartOAuthInput,
    ) -> Result<StartOAuthPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let refused = |user_errors| StartOAuthPayload {
            user_errors,
            ..StartOAuthPayload::default()
        };
        let services = ctx.services()?;
        let Ok(id) = input.connected_app_id.parse() else {
            return Ok(refused(vec![unknown_app()]));
        };
        let return_to = input.return_to.map(|url| url.0);
        if return_to
            .as_ref()
            .is_some_and(|url| !(services.may_return)(url))
        {
            let message = "This page's origin is not allowed: add it to `allowed_origins`.";
            return Ok(refused(vec![UserError::invalid("returnTo", message)]));
        }
        let redirect = services.public_url.oauth_callback();
        let redirect = redirect.parse().map_err(internal)?;
        let started = services.apps.start_oauth(&permit, id, &redirect, return_to);
        match started.await {
            Ok(started) => Ok(StartOAuthPayload {
                authorization_url: Some(Url(started.authorization_url)),
                expires_at: Some(started.expires_at.into()),
                user_errors: Vec::new(),
            }),
            Err(AppError::Rejected(problems)) => {
                Ok(refused(problems.into_iter().map(UserError::from).collect()))
            }
            Err(AppError::NotFound) => Ok(refused(vec![unknown_app()])),
            Err(error) => Err(internal(error)),
        }
    }
}
