use jackfield_graphql::{AccountError, ChangePassword};
use jackfield_storage::access::{OwnAccount, Permit};
use jackfield_storage::{Problem, ProblemCode, user};

use super::check_password;
use crate::auth::Authenticator;

/// Gives a user another password, if they know the present one. Their other sessions end.
pub(super) async fn change_password(
    auth: &Authenticator,
    permit: &Permit<OwnAccount>,
    request: ChangePassword,
) -> Result<(), AccountError> {
    let inner = &auth.0;
    let found = user::find_own(inner.store.reader(), permit).await?;
    let user = found.ok_or(AccountError::NoMember)?;
    check_password("newPassword", &request.new, &user.email)?;
    let email = user.email.parse().map_err(|_| AccountError::NoMember)?;
    let (throttle, store) = (&inner.throttle, &inner.store);
    throttle.begin(store, &email, request.address).await?;
    let hash = Some(user.password_hash.clone());
    if !inner.passwords.verify(request.current, hash).await? {
        throttle.failed(store, &email, request.address).await?;
        return Err(wrong());
    }
    throttle.succeeded(&email, request.address);
    let hash = inner.passwords.hash(request.new).await?;
    match user::change_password(&inner.store, permit, user, hash, request.session).await? {
        true => Ok(()),
        // Somebody else has changed it in the meantime.
        false => Err(wrong()),
    }
}

fn wrong() -> AccountError {
    let message = "this is not your present password";
    let problem = Problem::new(
        ["currentPassword".to_owned()],
        ProblemCode::Invalid,
        message,
    );
    AccountError::Rejected(vec![problem])
}
