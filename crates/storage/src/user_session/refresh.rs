use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{Standing, UserSession, find};
use crate::{Call, Change, StorageError, Store, Timestamp, ids::SessionId};

/// What a refresh token says, and what the next one will.
#[derive(Clone, Debug)]
pub struct Presented {
    /// Of which session.
    pub session: SessionId,
    /// SHA-256 of what all refresh tokens of the session share.
    pub family_hash: Vec<u8>,
    /// SHA-256 of what this one has for itself.
    pub refresh_hash: Vec<u8>,
    /// The same of the next one.
    pub next_hash: Vec<u8>,
    /// From when on the next one is refused.
    pub expires_at: Timestamp,
}

/// What became of a refresh token.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// The next one is good.
    Done(Box<Standing>),
    /// It is none, or its session is over.
    Refused,
    /// It had been used before, so the session was ended now.
    Reused(Box<UserSession>),
}

/// Takes a refresh token, once.
pub async fn refresh(store: &Store, presented: Presented) -> Result<Refreshed, StorageError> {
    store
        .writer()
        .call_unscoped(move |call| Box::pin(async move { take(call, presented).await }))
        .await
}

async fn take(call: &Call, presented: Presented) -> Result<Refreshed, StorageError> {
    let found = find(call.db(), presented.session).await?;
    let Some(mut standing) = found.filter(|standing| {
        standing.principal(call.now()).is_some()
            && standing.session.family_hash == presented.family_hash
    }) else {
        return Ok(Refreshed::Refused);
    };
    let session = &mut standing.session;
    let reused = session.refresh_hash != presented.refresh_hash;
    if reused {
        session.ended_at = Some(call.now());
        call.publish(Change::Access(call.next_position(), session.workspace_id));
    } else {
        session.refresh_hash = presented.next_hash;
        session.refreshed_at = call.now();
        session.expires_at = presented.expires_at;
    }
    let update = session.clone().into_active_model().reset_all();
    update.update(call.db()).await?;
    Ok(match reused {
        true => Refreshed::Reused(standing.session.into()),
        false => Refreshed::Done(standing.into()),
    })
}
