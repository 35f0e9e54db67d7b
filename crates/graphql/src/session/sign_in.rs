use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{Session, outcome};
use crate::accounts::{self, AccountError};
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `signIn`.
#[derive(Default)]
pub struct SignIn;

/// What `signIn` takes.
#[derive(InputObject)]
struct SignInInput {
    /// The user's e-mail address.
    email: String,
    /// Their password.
    password: String,
    /// The workspace to sign in to; the one to which they have belonged longest by default.
    workspace_id: Option<ID>,
}

/// What `signIn` answers.
#[derive(SimpleObject)]
struct SignInPayload {
    /// The session; null when there are user errors.
    session: Option<Session>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl SignIn {
    /// Signs a user in. Needs no token. Whether the address or the password is wrong is not told, and attempts are limited.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let workspace = match input.workspace_id.map(|id| id.parse()) {
            None => Ok(None),
            Some(Ok(id)) => Ok(Some(id)),
            Some(Err(_)) => Err(AccountError::Wrong),
        };
        let opened = match workspace {
            Ok(workspace) => {
                let request = accounts::SignIn {
                    email: input.email,
                    password: input.password,
                    workspace,
                    address: ctx.address(),
                };
                ctx.services()?.accounts.sign_in(request).await
            }
            Err(error) => Err(error),
        };
        let (session, user_errors) = outcome(opened)?;
        Ok(SignInPayload {
            session,
            user_errors,
        })
    }
}
