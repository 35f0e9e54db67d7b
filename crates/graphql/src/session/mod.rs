//! Sessions of users: signing in and out.

mod refresh;
mod sign_in;
mod sign_out;
mod switch;

use async_graphql::{Context, ErrorExtensions as _, Object, Result};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::workspace;

use crate::accounts::{AccountError, OpenedSession};
use crate::context::ContextExt;
use crate::errors::{Code, UserError, UserErrorCode, internal};
use crate::scalars::DateTime;
use crate::user::User;
use crate::workspace::Workspace;
pub use refresh::RefreshSession;
pub use sign_in::SignIn;
pub use sign_out::SignOut;
pub use switch::SwitchWorkspace;

/// What somebody gets who has signed in: a short-lived token for requests, and a longer-lived one to go on with.
pub struct Session(OpenedSession);

/// What somebody gets who has signed in: a short-lived token for requests, and a longer-lived one to go on with.
#[Object]
impl Session {
    /// The session token, to be sent as `Authorization: Bearer …`.
    async fn token(&self) -> &str {
        &self.0.token
    }

    /// From when on the session token is refused.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// What `refreshSession` takes, once. Keep it where scripts of pages cannot read it.
    async fn refresh_token(&self) -> &str {
        &self.0.refresh_token
    }

    /// From when on the refresh token is refused.
    async fn refresh_expires_at(&self) -> DateTime {
        self.0.refresh_expires_at.into()
    }

    /// Who has signed in.
    async fn user(&self) -> User {
        User(self.0.member.clone())
    }

    /// The only workspace that the session sees.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace> {
        // The request may have come without a token; this is the workspace of the session that it has got.
        let permit = Permit::<Read>::system(self.0.member.membership.workspace_id, "session");
        let found = workspace::find(ctx.store()?.reader(), &permit)
            .await
            .map_err(internal)?;
        found
            .map(Workspace)
            .ok_or_else(|| internal("the session's workspace is gone"))
    }
}

/// What is answered by whatever begins a session.
pub fn outcome(
    opened: Result<OpenedSession, AccountError>,
) -> Result<(Option<Session>, Vec<UserError>)> {
    match opened {
        Ok(opened) => Ok((Some(Session(opened)), Vec::new())),
        Err(error) => Ok((None, refused(error)?)),
    }
}

/// What the caller is told about why not.
///
/// # Errors
///
/// `TOO_MANY_REQUESTS`, `UNAVAILABLE` or `INTERNAL`.
pub fn refused(error: AccountError) -> Result<Vec<UserError>> {
    let one = |error| Ok(vec![error]);
    match error {
        AccountError::Wrong => {
            let message = "The e-mail address or the password is wrong.";
            one(UserError::whole(UserErrorCode::Invalid, message))
        }
        AccountError::NoMember => one(no_member()),
        AccountError::Refused => {
            let message = "This refresh token is not accepted: sign in again.";
            one(UserError::invalid("refreshToken", message))
        }
        AccountError::Rejected(problems) => Ok(problems.into_iter().map(Into::into).collect()),
        AccountError::TooMany(wait) => {
            let seconds = wait.as_secs() + 1;
            let message = format!("There were too many attempts. Try again in {seconds} s.");
            let error = Code::TooManyRequests.error(message);
            Err(error.extend_with(|_, extensions| {
                extensions.set("code", Code::TooManyRequests.as_str());
                extensions.set("retryAfter", seconds);
            }))
        }
        AccountError::Busy(message) => Err(Code::Unavailable.error(message)),
        AccountError::Unsigned => Err(internal("a session token cannot be signed")),
        AccountError::Storage(error) => Err(internal(error)),
    }
}

/// There is no such workspace, or the caller does not belong to it: which of the two is nobody's business.
pub fn no_member() -> UserError {
    UserError {
        code: UserErrorCode::NotFound,
        ..UserError::invalid("workspaceId", "You belong to no such workspace.")
    }
}

/// The caller has no session: it is an API key, or a token of an identity provider.
pub fn only_users() -> UserError {
    let message = "Only a user who has signed in here can do this.";
    UserError::whole(UserErrorCode::Forbidden, message)
}
