use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::{ManageKeys, Principal};
use jackfield_storage::api_key::{self, Rotation};

use super::ApiKey;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};
use crate::scalars::Duration;

/// The longest overlap, in hours.
const LONGEST: i64 = 30 * 24;

/// The overlap when nobody says how long, in hours.
const DEFAULT: i64 = 24;

/// The mutation `rotateApiKey`.
#[derive(Default)]
pub struct RotateApiKey;

/// What `rotateApiKey` takes.
#[derive(InputObject)]
struct RotateApiKeyInput {
    /// The key that gets a new secret.
    api_key_id: ID,
    /// How long the old secret is accepted beside the new one, up to P30D; P1D by default. PT0S ends it at once, and with it
    /// the session tokens that it made.
    overlap: Option<Duration>,
}

/// What `rotateApiKey` answers.
#[derive(SimpleObject, Default)]
struct RotateApiKeyPayload {
    /// The key; null when there are user errors.
    api_key: Option<ApiKey>,
    /// The new secret. It is shown this once and stored nowhere.
    secret: Option<String>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl RotateApiKey {
    /// Gives an API key a new secret. Name, role, scopes and expiry stay; a secret that was rotated out before ends at once.
    async fn rotate_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose secret.")] input: RotateApiKeyInput,
    ) -> Result<RotateApiKeyPayload> {
        let permit = ctx.permit::<ManageKeys>()?;
        let store = ctx.store()?;
        let refuse = |error| {
            Ok(RotateApiKeyPayload {
                user_errors: vec![error],
                ..Default::default()
            })
        };
        let missing = || UserError::not_found("apiKeyId", "API key");
        let overlap = match input.overlap {
            None => std::time::Duration::from_secs(DEFAULT.unsigned_abs() * 3600),
            Some(Duration(given)) if given.is_negative() || given.as_hours() > LONGEST => {
                return refuse(UserError::invalid(
                    "overlap",
                    "An overlap is from PT0S to P30D.",
                ));
            }
            Some(Duration(given)) => given.unsigned_abs(),
        };
        let Ok(id) = input.api_key_id.parse() else {
            return refuse(missing());
        };
        let found = api_key::find(store.reader(), &permit, id).await;
        let Some(key) = found.map_err(internal)? else {
            return refuse(missing());
        };
        if let Some(error) = exceeds(&key, ctx.principal()?) {
            return refuse(error);
        }
        let minted = ctx.services()?.tokens.api_key();
        let rotation = Rotation {
            prefix: minted.prefix,
            hash: minted.hash,
            previous_until: store.clock().now().after(overlap),
        };
        let rotated = api_key::rotate(store, &permit, id, rotation).await;
        let Some(key) = rotated.map_err(internal)? else {
            return refuse(UserError {
                code: UserErrorCode::Conflict,
                ..UserError::invalid(
                    "apiKeyId",
                    "The key was revoked or has expired: make another one.",
                )
            });
        };
        Ok(RotateApiKeyPayload {
            api_key: Some(ApiKey(key)),
            secret: Some(minted.secret),
            user_errors: Vec::new(),
        })
    }
}

/// Whoever rotates a key gets its secret, and must not be able to do more with it than before.
fn exceeds(key: &api_key::ApiKey, own: &Principal) -> Option<UserError> {
    let message = if key.role > own.role {
        format!(
            "Your role is {}; you cannot rotate a key with a higher one.",
            own.role
        )
    } else if !key.scopes().within(own.scopes) {
        format!(
            "Your scopes are {}; you cannot rotate a key with others.",
            own.scopes
        )
    } else {
        return None;
    };
    Some(UserError {
        code: UserErrorCode::Forbidden,
        ..UserError::invalid("apiKeyId", message)
    })
}
