use std::time::Duration as Span;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::{self, Actor};

use super::Role;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};
use crate::scalars::{DateTime, Duration};

const DEFAULT: Span = Span::from_secs(15 * 60);
const LONGEST: Span = Span::from_secs(12 * 3600);

/// The mutation `createSessionToken`.
#[derive(Default)]
pub struct CreateSessionToken;

/// What `createSessionToken` takes.
#[derive(InputObject)]
struct CreateSessionTokenInput {
    /// What the token's holder may do; at most the role of the key that mints it, which is also the default.
    role: Option<Role>,
    /// How long the token is valid; 15 minutes by default, 12 hours at most.
    lifetime: Option<Duration>,
}

/// What `createSessionToken` answers.
#[derive(SimpleObject, Default)]
struct CreateSessionTokenPayload {
    /// The token, to be sent as `Authorization: Bearer …`.
    token: Option<String>,
    /// From when on it is refused.
    expires_at: Option<DateTime>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateSessionToken {
    /// Makes a short-lived token for a browser, so that the API key stays on the server. It ends early when the key is revoked.
    async fn create_session_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the token is for.")] input: CreateSessionTokenInput,
    ) -> Result<CreateSessionTokenPayload> {
        let principal = ctx.principal()?;
        let refuse = |error| {
            Ok(CreateSessionTokenPayload {
                user_errors: vec![error],
                ..Default::default()
            })
        };
        let Actor::ApiKey(key) = principal.actor else {
            let message = "Only the holder of an API key can make session tokens.".to_owned();
            return refuse(UserError {
                field: None,
                code: UserErrorCode::Forbidden,
                message,
            });
        };
        let role = input.role.map_or(principal.role, access::Role::from);
        if role > principal.role {
            let message = format!(
                "The key's role is {}; a token cannot have a higher one.",
                principal.role
            );
            return refuse(UserError {
                code: UserErrorCode::Forbidden,
                ..UserError::invalid("role", message)
            });
        }
        let lifetime = input
            .lifetime
            .map_or(Ok(DEFAULT), |lifetime| Span::try_from(lifetime.0));
        let Some(lifetime) = lifetime
            .ok()
            .filter(|lifetime| !lifetime.is_zero() && *lifetime <= LONGEST)
        else {
            return refuse(UserError::invalid(
                "lifetime",
                "A token is valid for 12 hours at most, and for more than nothing.",
            ));
        };
        let minted = ctx
            .services()?
            .tokens
            .session(principal.workspace, key, role, lifetime);
        let minted = minted.ok_or_else(|| internal("a session token cannot be signed"))?;
        Ok(CreateSessionTokenPayload {
            token: Some(minted.token),
            expires_at: Some(minted.expires_at.into()),
            user_errors: Vec::new(),
        })
    }
}
