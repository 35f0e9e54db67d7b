use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageKeys;
use jackfield_storage::api_key;

use super::ApiKey;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};

/// The mutation `revokeApiKey`.
#[derive(Default)]
pub struct RevokeApiKey;

/// What `revokeApiKey` takes.
#[derive(InputObject)]
struct RevokeApiKeyInput {
    /// The id of the key.
    api_key_id: ID,
}

/// What `revokeApiKey` answers.
#[derive(SimpleObject)]
struct RevokeApiKeyPayload {
    /// The key, revoked; null when there are user errors.
    api_key: Option<ApiKey>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl RevokeApiKey {
    /// Revokes an API key for good, and with it the session tokens that it made. Revoking it again changes nothing.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to revoke.")] input: RevokeApiKeyInput,
    ) -> Result<RevokeApiKeyPayload> {
        let permit = ctx.permit::<ManageKeys>()?;
        let store = ctx.store()?;
        let refuse = |error| {
            Ok(RevokeApiKeyPayload {
                api_key: None,
                user_errors: vec![error],
            })
        };
        let missing = || UserError::not_found("apiKeyId", "API key");
        let Ok(id) = input.api_key_id.parse() else {
            return refuse(missing());
        };
        let Some(key) = api_key::find(store.reader(), &permit, id)
            .await
            .map_err(internal)?
        else {
            return refuse(missing());
        };
        let own = ctx.principal()?.role;
        if key.role > own {
            let message = format!("Your role is {own}; you cannot revoke a key with a higher one.");
            return refuse(UserError {
                code: UserErrorCode::Forbidden,
                ..UserError::invalid("apiKeyId", message)
            });
        }
        let revoked = api_key::revoke(store, &permit, id)
            .await
            .map_err(internal)?;
        Ok(RevokeApiKeyPayload {
            api_key: revoked.map(ApiKey),
            user_errors: Vec::new(),
        })
    }
}
