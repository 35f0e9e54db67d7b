use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageKeys;
use jackfield_storage::api_key;

use super::ApiKey;
use crate::context::ContextExt;
use crate::errors::{UserError, internal};

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
        let revoked = match input.api_key_id.parse() {
            Ok(id) => api_key::revoke(ctx.store()?, &permit, id)
                .await
                .map_err(internal)?,
            Err(_) => None,
        };
        Ok(match revoked {
            Some(key) => RevokeApiKeyPayload {
                api_key: Some(ApiKey(key)),
                user_errors: Vec::new(),
            },
            None => RevokeApiKeyPayload {
                api_key: None,
                user_errors: vec![UserError::not_found("apiKeyId", "API key")],
            },
        })
    }
}
