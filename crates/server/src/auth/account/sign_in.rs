use jackfield_graphql::{AccountError, OpenedSession, SignIn, Switch};
use jackfield_storage::ids::{UserId, WorkspaceId};
use jackfield_storage::membership::{self, Membership};
use jackfield_storage::user::{self, Email};

use super::open::open;
use crate::auth::Authenticator;

/// From an address and a password to a session. Whoever guesses learns neither which addresses are users' nor which users
/// belong where: the answer is the same, after the same time.
pub(super) async fn sign_in(
    auth: &Authenticator,
    request: SignIn,
) -> Result<OpenedSession, AccountError> {
    let inner = &auth.0;
    let email: Email = request.email.parse().map_err(|_| AccountError::Wrong)?;
    let (throttle, store) = (&inner.throttle, &inner.store);
    throttle.begin(store, &email, request.address).await?;
    let found = user::find_by_email(inner.store.reader(), &email).await?;
    let hash = found.as_ref().map(|user| user.password_hash.clone());
    let proved = inner.passwords.verify(request.password, hash).await?;
    let Some(user) = found.filter(|_| proved) else {
        tracing::info!(address = ?request.address, "a sign-in was refused");
        throttle.failed(store, &email, request.address).await?;
        return Err(AccountError::Wrong);
    };
    throttle.succeeded(&email, request.address);
    let membership = choose(auth, user.id, request.workspace).await?;
    open(auth, user, membership.ok_or(AccountError::Wrong)?).await
}

/// A session in another workspace of a user who has signed in.
pub(super) async fn switch(
    auth: &Authenticator,
    request: Switch,
) -> Result<OpenedSession, AccountError> {
    let chosen = choose(auth, request.user, Some(request.workspace)).await?;
    let membership = chosen.ok_or(AccountError::NoMember)?;
    let found = user::find_own(auth.0.store.reader(), &request.permit).await?;
    open(auth, found.ok_or(AccountError::NoMember)?, membership).await
}

/// The membership in that workspace, or the oldest one.
async fn choose(
    auth: &Authenticator,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<Option<Membership>, AccountError> {
    let memberships = membership::of_user(auth.0.store.reader(), user).await?;
    let wanted = |row: &Membership| workspace.is_none_or(|id| row.workspace_id == id);
    Ok(memberships.into_iter().find(wanted))
}
