use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::{self, ManageKeys, Principal, Scopes};
use jackfield_storage::api_key::CreateKeyError;
use jackfield_storage::{Timestamp, api_key};

use super::{ApiKey, Scope};
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
    /// What people call it, 1 to 100 characters. No other key that is in use has the name.
    name: String,
    /// For which integration it is, 100 characters at most. Make one key for each, so that each can be revoked by itself.
    integration: Option<String>,
    /// What its holder may do; at most the caller's own role.
    role: Role,
    /// What of that it is limited to; all that its role allows by default. A key with scopes makes keys with no more than those.
    scopes: Option<Vec<Scope>>,
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
        let refuse = |user_errors| {
            Ok(CreateApiKeyPayload {
                user_errors,
                ..Default::default()
            })
        };
        let user_errors = check(&input, ctx.principal()?, store.clock().now());
        if !user_errors.is_empty() {
            return refuse(user_errors);
        }
        let minted = ctx.services()?.tokens.api_key();
        let key = api_key::NewApiKey {
            name: input.name.trim().to_owned(),
            integration: input.integration.map(|text| text.trim().to_owned()),
            scopes: scopes(input.scopes.as_deref()),
            role: input.role.into(),
            prefix: minted.prefix,
            hash: minted.hash,
            expires_at: input.expires_at.map(|at| at.0),
        };
        let key = match api_key::create(store, &permit, key).await {
            Ok(key) => key,
            Err(CreateKeyError::NameTaken) => {
                let message =
                    "There is a key of this name already: choose another one, or revoke that key.";
                return refuse(vec![UserError {
                    code: UserErrorCode::Taken,
                    ..UserError::invalid("name", message)
                }]);
            }
            Err(CreateKeyError::Storage(error)) => return Err(internal(error)),
        };
        Ok(CreateApiKeyPayload {
            api_key: Some(ApiKey(key)),
            secret: Some(minted.secret),
            user_errors,
        })
    }
}

fn scopes(given: Option<&[Scope]>) -> Scopes {
    given.map_or(Scopes::All, |given| {
        Scopes::only(given.iter().copied().map(access::Scope::from))
    })
}

fn check(input: &CreateApiKeyInput, own: &Principal, now: Timestamp) -> Vec<UserError> {
    let mut errors = texts(input);
    let role = access::Role::from(input.role);
    if role > own.role {
        let message = format!(
            "Your role is {}; you cannot make a key with a higher one.",
            own.role
        );
        errors.push(forbidden("role", message));
    }
    if input.scopes.as_ref().is_some_and(Vec::is_empty) {
        let message =
            "Give the key at least one scope, or leave them out for all that its role allows.";
        errors.push(UserError::invalid("scopes", message));
    }
    let given = input.scopes.iter().flatten().copied();
    for scope in given.map(access::Scope::from) {
        if scope.minimum() > role {
            let message = format!(
                "`{scope}` needs the role {} or higher; a key with the role {role} has nothing of it.",
                scope.minimum()
            );
            errors.push(UserError::invalid("scopes", message));
        }
    }
    if !scopes(input.scopes.as_deref()).within(own.scopes) {
        let message = format!("Your scopes are {}; a key cannot have others.", own.scopes);
        errors.push(forbidden("scopes", message));
    }
    if input.expires_at.is_some_and(|at| at.0 <= now) {
        errors.push(UserError::invalid(
            "expiresAt",
            "A key must expire in the future.",
        ));
    }
    errors
}

fn texts(input: &CreateApiKeyInput) -> Vec<UserError> {
    let mut errors = Vec::new();
    let name = input.name.trim();
    if name.is_empty() {
        errors.push(UserError {
            code: UserErrorCode::Required,
            ..UserError::invalid("name", "Give the key a name.")
        });
    }
    let integration = input.integration.as_deref().unwrap_or_default().trim();
    for (field, text) in [("name", name), ("integration", integration)] {
        if text.chars().count() > LONGEST_NAME {
            let message = format!("This has at most {LONGEST_NAME} characters.");
            errors.push(UserError {
                code: UserErrorCode::TooLarge,
                ..UserError::invalid(field, message)
            });
        }
        if text.chars().any(char::is_control) {
            errors.push(UserError::invalid(field, "This has no control characters."));
        }
    }
    errors
}

fn forbidden(field: &str, message: String) -> UserError {
    UserError {
        code: UserErrorCode::Forbidden,
        ..UserError::invalid(field, message)
    }
}
