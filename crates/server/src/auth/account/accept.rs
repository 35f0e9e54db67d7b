use jackfield_graphql::{AccountError, NewMember, OpenedSession};
use jackfield_storage::invitation::{self, AcceptError, Invitation, Newcomer};
use jackfield_storage::user::{self, Email};
use jackfield_storage::{Problem, ProblemCode};

use super::open::open;
use super::{check_password, token_hash};
use crate::auth::Authenticator;

/// The longest name of a user, in characters.
const LONGEST_NAME: usize = 200;

/// From an invitation to a user of its workspace, who has signed in. Whoever is a user of this server already has to know their
/// password: the invitation alone does not open an account that is there.
pub(super) async fn accept(
    auth: &Authenticator,
    request: NewMember,
) -> Result<OpenedSession, AccountError> {
    let inner = &auth.0;
    let hash = token_hash(&request.token);
    let found = invitation::find_by_token(inner.store.reader(), &hash).await?;
    let now = inner.clock.now();
    let open_one = found.filter(|row| row.is_open(now)).ok_or_else(gone)?;
    let newcomer = prove(auth, &open_one, request).await?;
    let accepted = invitation::accept(&inner.store, &open_one, newcomer).await;
    let member = accepted.map_err(|error| match error {
        AcceptError::Gone => gone(),
        AcceptError::Storage(error) => error.into(),
    })?;
    open(auth, member.user, member.membership).await
}

async fn prove(
    auth: &Authenticator,
    invitation: &Invitation,
    request: NewMember,
) -> Result<Newcomer, AccountError> {
    let inner = &auth.0;
    let email: Email = invitation.email.parse().map_err(|_| gone())?;
    let Some(user) = user::find_by_email(inner.store.reader(), &email).await? else {
        let name = name(request.name.as_deref().unwrap_or_default())?;
        check_password("password", &request.password, &invitation.email)?;
        let password_hash = inner.passwords.hash(request.password).await?;
        return Ok(Newcomer::New {
            name,
            password_hash,
        });
    };
    let (throttle, store) = (&inner.throttle, &inner.store);
    throttle.begin(store, &email, request.address).await?;
    let hash = Some(user.password_hash.clone());
    if !inner.passwords.verify(request.password, hash).await? {
        throttle.failed(store, &email, request.address).await?;
        let message = "you have an account on this server already: give its password";
        return Err(rejected("password", ProblemCode::Invalid, message));
    }
    throttle.succeeded(&email, request.address);
    Ok(Newcomer::Known(user))
}

fn name(given: &str) -> Result<String, AccountError> {
    let name = given.trim();
    let sound = !name.chars().any(char::is_control);
    match name.chars().count() {
        0 => Err(rejected(
            "name",
            ProblemCode::Required,
            "say what people call you",
        )),
        1..=LONGEST_NAME if sound => Ok(name.to_owned()),
        1..=LONGEST_NAME => {
            let message = "a name has no control characters";
            Err(rejected("name", ProblemCode::Invalid, message))
        }
        _ => {
            let message = "a name has at most 200 characters";
            Err(rejected("name", ProblemCode::TooLarge, message))
        }
    }
}

fn gone() -> AccountError {
    let message = "this invitation is none, or was accepted or taken back, or has expired; ask for another one";
    rejected("token", ProblemCode::NotFound, message)
}

fn rejected(field: &str, code: ProblemCode, message: &str) -> AccountError {
    AccountError::Rejected(vec![Problem::new([field.to_owned()], code, message)])
}
