use std::time::Duration;

use jackfield_graphql::{AccountError, OpenedSession};
use jackfield_storage::Timestamp;
use jackfield_storage::membership::{Member, Membership};
use jackfield_storage::user::User;
use jackfield_storage::user_session::{NewSession, begin};

use crate::auth::Authenticator;
use crate::auth::refresh_token::RefreshToken;
use crate::auth::session::Session;

/// How long a session token is accepted. What a user may do is looked up with each request, so this only says how soon a copy
/// of it is worthless when nobody has noticed.
const TOKEN: Duration = Duration::from_secs(15 * 60);

/// How long a session lasts without being refreshed.
pub(super) const IDLE: Duration = Duration::from_secs(14 * 24 * 3600);

/// How long a session lasts at most; then the password is asked for again.
pub(super) const LONGEST: Duration = Duration::from_secs(90 * 24 * 3600);

/// Begins a session of a user who has proved who they are, in one of their workspaces.
pub(super) async fn open(
    auth: &Authenticator,
    user: User,
    membership: Membership,
) -> Result<OpenedSession, AccountError> {
    let inner = &auth.0;
    let refresh = RefreshToken::first(inner.clock.id(), &inner.clock);
    let new = NewSession {
        id: refresh.session,
        family_hash: refresh.family_hash(),
        refresh_hash: refresh.hash(),
        expires_at: inner.clock.now().after(IDLE),
    };
    let begun = begin(&inner.store, &membership, new).await?;
    let session = begun.ok_or(AccountError::Wrong)?;
    let member = Member { membership, user };
    opened(auth, member, &refresh, session.expires_at)
}

/// The tokens of a session.
pub(super) fn opened(
    auth: &Authenticator,
    member: Member,
    refresh: &RefreshToken,
    refresh_expires_at: Timestamp,
) -> Result<OpenedSession, AccountError> {
    let session = Session::User {
        workspace: member.membership.workspace_id,
        user: member.user.id,
        session: refresh.session,
    };
    let now = auth.0.clock.now();
    let signed = auth.0.sessions.sign(session, now, TOKEN);
    let (token, expires_at) = signed.ok_or(AccountError::Unsigned)?;
    Ok(OpenedSession {
        member,
        token,
        expires_at,
        refresh_token: refresh.text(),
        refresh_expires_at,
    })
}
