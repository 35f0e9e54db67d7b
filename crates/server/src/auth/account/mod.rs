//! Accounts of users: from an invitation or a password to a session.

mod accept;
mod change_password;
mod open;
mod refresh;
mod reset_password;
mod sign_in;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use jackfield_graphql::{
    AccountError, Accounts, ChangePassword, NewMember, OpenedSession, ResetPassword, SignIn, Switch,
};
use jackfield_storage::access::{OwnAccount, Permit};
use jackfield_storage::{Clock, Problem, ProblemCode};

use super::Authenticator;
use super::password::Busy;
use super::secret_text::random_text;

/// Marks the token of an invitation, for people and for secret scanners.
const INVITATION: &str = "jackfield_inv_";

/// A new token of an invitation, with 178 bits of randomness.
pub(super) fn invitation_token(clock: &Clock) -> String {
    format!("{INVITATION}{}", random_text(clock, 30))
}

/// Marks the token by which another password is chosen.
const RESET: &str = "jackfield_pwr_";

/// A new token by which another password is chosen, with as much randomness.
pub(super) fn reset_token(clock: &Clock) -> String {
    format!("{RESET}{}", random_text(clock, 30))
}

/// What is stored of such a token.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

#[async_trait]
impl Accounts for Authenticator {
    async fn sign_in(&self, request: SignIn) -> Result<OpenedSession, AccountError> {
        sign_in::sign_in(self, request).await
    }

    async fn refresh(&self, token: &str) -> Result<OpenedSession, AccountError> {
        refresh::refresh(self, token).await
    }

    async fn accept(&self, request: NewMember) -> Result<OpenedSession, AccountError> {
        accept::accept(self, request).await
    }

    async fn reset_password(&self, request: ResetPassword) -> Result<OpenedSession, AccountError> {
        reset_password::reset_password(self, request).await
    }

    async fn switch(&self, request: Switch) -> Result<OpenedSession, AccountError> {
        sign_in::switch(self, request).await
    }

    async fn change_password(
        &self,
        permit: &Permit<OwnAccount>,
        request: ChangePassword,
    ) -> Result<(), AccountError> {
        change_password::change_password(self, permit, request).await
    }
}

impl From<Busy> for AccountError {
    fn from(busy: Busy) -> Self {
        Self::Busy(busy.to_string())
    }
}

/// The shortest password, in characters: what NIST SP 800-63B asks of one that stands alone is 15; with the limits on attempts
/// and Argon2id in front of the hashes, 12 is what people bear.
const SHORTEST: usize = 12;
/// The longest password, in bytes, so that nobody has the server hash novels.
const LONGEST: usize = 1_000;

/// Whether a new password is good enough for somebody with that address.
fn check_password(field: &str, password: &str, email: &str) -> Result<(), AccountError> {
    let refuse = |code, message: String| {
        let problem = Problem::new([field.to_owned()], code, message);
        Err(AccountError::Rejected(vec![problem]))
    };
    let length = password.chars().count();
    if length < SHORTEST {
        let message = format!("a password has at least {SHORTEST} characters");
        return refuse(ProblemCode::Invalid, message);
    }
    if password.len() > LONGEST {
        let message = format!("a password has at most {LONGEST} bytes");
        return refuse(ProblemCode::TooLarge, message);
    }
    let first = password.chars().next();
    if password.eq_ignore_ascii_case(email) || password.chars().all(|next| Some(next) == first) {
        let message = "this password would be guessed; choose another one".to_owned();
        return refuse(ProblemCode::Invalid, message);
    }
    Ok(())
}
