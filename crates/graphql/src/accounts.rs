use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use jackfield_storage::access::{OwnAccount, Permit};
use jackfield_storage::ids::{SessionId, UserId, WorkspaceId};
use jackfield_storage::membership::Member;
use jackfield_storage::{Problem, StorageError, Timestamp};

/// Signs users in, in the one place that also checks who they are. Those of its verbs that take no permit are for callers of
/// whom nobody knows who they are: each proves it by what it is given.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Begins a session for a password.
    async fn sign_in(&self, request: SignIn) -> Result<OpenedSession, AccountError>;

    /// Goes on with a session for its last refresh token.
    async fn refresh(&self, token: &str) -> Result<OpenedSession, AccountError>;

    /// Makes a user of whoever has been invited, and begins a session.
    async fn accept(&self, request: NewMember) -> Result<OpenedSession, AccountError>;

    /// Gives a user the password that they choose, for a reset that an admin has made, and begins a session.
    async fn reset_password(&self, request: ResetPassword) -> Result<OpenedSession, AccountError>;

    /// Begins a session of a user in another of their workspaces.
    async fn switch(&self, request: Switch) -> Result<OpenedSession, AccountError>;

    /// Gives a user another password.
    async fn change_password(
        &self,
        permit: &Permit<OwnAccount>,
        request: ChangePassword,
    ) -> Result<(), AccountError>;
}

/// Somebody who wants to sign in.
pub struct SignIn {
    /// Their e-mail address, as they have typed it.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Where; the workspace to which they have belonged longest when absent.
    pub workspace: Option<WorkspaceId>,
    /// From where they ask.
    pub address: Option<IpAddr>,
}

/// Somebody who accepts an invitation.
pub struct NewMember {
    /// The invitation's token.
    pub token: String,
    /// What people call them, unless they are a user already.
    pub name: Option<String>,
    /// The password that they choose, or theirs if they are a user already.
    pub password: String,
    /// From where they ask.
    pub address: Option<IpAddr>,
}

/// Somebody who has forgotten their password, and has the token of a reset.
pub struct ResetPassword {
    /// The token.
    pub token: String,
    /// The password that they choose.
    pub password: String,
}

/// A user who goes to another workspace.
pub struct Switch {
    /// Who.
    pub user: UserId,
    /// That they are who they are.
    pub permit: Permit<OwnAccount>,
    /// Where to.
    pub workspace: WorkspaceId,
}

/// A user who wants another password.
pub struct ChangePassword {
    /// The session in which they ask, which goes on.
    pub session: SessionId,
    /// The present password.
    pub current: String,
    /// The one that they want.
    pub new: String,
    /// From where they ask.
    pub address: Option<IpAddr>,
}

/// A session that has begun or goes on.
pub struct OpenedSession {
    /// Whose, and what they may do.
    pub member: Member,
    /// The session token.
    pub token: String,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// What the next session token is got with, once.
    pub refresh_token: String,
    /// From when on that is refused.
    pub refresh_expires_at: Timestamp,
}

/// Why there is no session, or no other password.
pub enum AccountError {
    /// The address or the password is wrong, or its user may do nothing there.
    Wrong,
    /// There is no such workspace, or the user does not belong to it.
    NoMember,
    /// The refresh token is not accepted.
    Refused,
    /// Something about the input cannot be used.
    Rejected(Vec<Problem>),
    /// There were too many attempts; the next one is granted after that time.
    TooMany(Duration),
    /// Too many sign in right now; it can be tried again.
    Busy(String),
    /// The token cannot be signed.
    Unsigned,
    /// The database failed.
    Storage(StorageError),
}

impl From<StorageError> for AccountError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}
