use jackfield_graphql::{AccountError, OpenedSession};
use jackfield_storage::access::{OwnAccount, Permit};
use jackfield_storage::membership;
use jackfield_storage::user_session::{self, Presented, Refreshed};

use super::open::{IDLE, LONGEST, opened};
use crate::auth::Authenticator;
use crate::auth::refresh_token::RefreshToken;

/// From a refresh token to the next one, with a new session token. A refresh token that was used before ends the session.
pub(super) async fn refresh(
    auth: &Authenticator,
    token: &str,
) -> Result<OpenedSession, AccountError> {
    let inner = &auth.0;
    let presented = RefreshToken::parse(token).ok_or(AccountError::Refused)?;
    let next = presented.next(&inner.clock);
    let found = user_session::find(inner.store.reader(), presented.session).await?;
    let session = found.ok_or(AccountError::Refused)?.session;
    let idle = inner.clock.now().after(IDLE);
    let expires_at = idle.min(session.created_at.after(LONGEST));
    let presented = Presented {
        session: presented.session,
        family_hash: presented.family_hash(),
        refresh_hash: presented.hash(),
        next_hash: next.hash(),
        expires_at,
    };
    let standing = match user_session::refresh(&inner.store, presented).await? {
        Refreshed::Done(standing) => standing,
        Refreshed::Refused => return Err(AccountError::Refused),
        Refreshed::Reused(session) => {
            tracing::warn!(
                session = %session.id, user = %session.user_id,
                "a refresh token came back that had been used: its session was ended"
            );
            return Err(AccountError::Refused);
        }
    };
    let row = standing.membership;
    let permit = Permit::<OwnAccount>::system(row.workspace_id, "auth");
    let members = membership::find_many(inner.store.reader(), &permit, &[row.user_id]).await?;
    let member = members.into_iter().next().ok_or(AccountError::Refused)?;
    opened(auth, member, &next, expires_at)
}
