use jackfield_graphql::{AccountError, OpenedSession, ResetPassword};
use jackfield_storage::password_reset::{self, RedeemError};
use jackfield_storage::{Problem, ProblemCode};

use super::open::open;
use super::{check_password, token_hash};
use crate::auth::Authenticator;

/// From the link that an admin has made to another password and a session.
pub(super) async fn reset_password(
    auth: &Authenticator,
    request: ResetPassword,
) -> Result<OpenedSession, AccountError> {
    let inner = &auth.0;
    let (hash, now) = (token_hash(&request.token), inner.clock.now());
    let found = password_reset::find_by_token(inner.store.reader(), &hash, now).await?;
    let reset = found.ok_or_else(gone)?;
    // Whose address it is, the password itself is checked for no more than that it is long enough: the link says only who.
    check_password("password", &request.password, "")?;
    let password = inner.passwords.hash(request.password).await?;
    let redeemed = password_reset::redeem(&inner.store, &reset, password).await;
    let member = redeemed.map_err(|error| match error {
        RedeemError::Gone => gone(),
        RedeemError::Storage(error) => error.into(),
    })?;
    open(auth, member.user, member.membership).await
}

fn gone() -> AccountError {
    let message = "this link is none, or was used, or has expired; ask for another one";
    let problem = Problem::new(["token".to_owned()], ProblemCode::NotFound, message);
    AccountError::Rejected(vec![problem])
}
