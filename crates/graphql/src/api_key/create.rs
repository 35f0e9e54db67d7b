use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::{self, ManageKeys};
use jackfield_storage::{Timestamp, api_key};

use super::ApiKey;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};
use crate::scalars::DateTime;
use crate::viewer::Role;

/// The longest name of a key, in characters.
const LONGEST_NAME: usize = 100;

/// The mutation `createApiKey`.
#[derive(Default)]
pub struct CreateApiKey;

/// What `createApiKey` takes.
#[derive(InputObject)]
struct CreateApiKeyInput {
    /// What people call it, 1 to 100 characters.
    name: String,
    /// What its holder may do; at most the caller's own role.
    role: Role,
    /// From when on it is refused; it does not expire by default.
    expires_at: Option<DateTime>,
}

/// What `createApiKey` answers.
#[derive(SimpleObject, Default)]
struct CreateApiKeyPayload {
    /// The key that was made; null when there are user errors.
    api_key: Option<ApiKey>,
    /// The key itself. It is shown this once and stored nowhere.
    secret: Option<String>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateApiKey {
    /// Makes an API key.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to make.")] input: CreateApiKeyInput,
    ) -> Result<CreateApiKeyPayload> {
        let permit = ctx.permit::<ManageKeys>()?;
        let store = ctx.store()?;
        let user_errors = check(&input, ctx.principal()?.role, store.clock().now());
        if !user_errors.is_empty() {
            return Ok(CreateApiKeyPayload {
                user_errors,
                ..Default::default()
            });
        }
        let minted = ctx.services()?.tokens.api_key();
        let key = api_key::NewApiKey {
            name: input.name.trim().to_owned(),
            role: input.role.into(),
            prefix: minted.prefix,
            hash: minted.hash,
            expires_at: input.expires_at.map(|at| at.0),
        };
        let key = api_key::create(store, &permit, key)
            .await
            .map_err(internal)?;
        Ok(CreateApiKeyPayload {
            api_key: Some(ApiKey(key)),
            secret: Some(minted.secret),
            user_errors,
        })
    }
}

fn check(input: &CreateApiKeyInput, own: access::Role, now: Timestamp) -> Vec<UserError> {
    let mut errors = Vec::new();
    let name = input.name.trim();
    if name.is_empty() {
        errors.push(UserError {
            code: UserErrorCode::Required,
            ..UserError::invalid("name", "Give the key a name.")
        });
    }
    if name.chars().count() > LONGEST_NAME {
        let message = format!("A name has at most {LONGEST_NAME} characters.");
        errors.push(UserError {
            code: UserErrorCode::TooLarge,
            ..UserError::invalid("name", message)
        });
    }
    if access::Role::from(input.role) > own {
        let message = format!("Your role is {own}; you cannot make a key with a higher one.");
        errors.push(UserError {
            code: UserErrorCode::Forbidden,
            ..UserError::invalid("role", message)
        });
    }
    if input.expires_at.is_some_and(|at| at.0 <= now) {
        errors.push(UserError::invalid(
            "expiresAt",
            "A key must expire in the future.",
        ));
    }
    errors
}
