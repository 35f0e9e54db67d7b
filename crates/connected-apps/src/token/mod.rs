//! Access tokens: asked for, and kept in memory where nobody had to be asked for them.

mod answer;
mod assertion;
mod request;

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;
use jackfield_egress::{Egress, Request};
use jackfield_storage::{Clock, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;

use crate::secret::Secret;

pub(crate) use answer::Granted;
pub use answer::TokenError;
pub(crate) use assertion::ServiceAccount;
pub use request::{Client, ClientProof, TokenRequest};

use request::Place;

/// A token is renewed this long before it expires, or a tenth of its lifetime before if that is shorter.
const AHEAD: Duration = Duration::from_secs(60);

/// How long a token is used whose answer names no lifetime.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);

/// The tokens in use, one per owner: an app, or an endpoint. An owner's lock is held while its token is fetched, so that of
/// many callers one asks and the others wait for the answer, whatever it is.
pub struct Tokens<K> {
    egress: Egress,
    clock: Clock,
    slots: Mutex<HashMap<K, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    /// How many times a token was asked for and an answer came.
    answers: AtomicU64,
    last: AsyncMutex<Last>,
}

/// What came of it the last time.
#[derive(Default)]
enum Last {
    #[default]
    Nothing,
    Token(Token),
    /// Nothing, for the credentials of this revision.
    Failed(TokenError, i64),
}

struct Token {
    access: Secret,
    /// The revision of the owner whose credentials it was fetched with.
    revision: i64,
    renew_at: Timestamp,
}

impl<K: Eq + Hash> Tokens<K> {
    /// No tokens yet; they are asked for through `egress`.
    pub fn new(egress: Egress, clock: Clock) -> Self {
        Self {
            egress,
            clock,
            slots: Mutex::default(),
        }
    }

    /// The owner's token, fetched with `request` when there is none that lasts. `revision` changes with the owner's
    /// credentials.
    ///
    /// # Errors
    ///
    /// When the token endpoint gives none; told to all who have waited for it.
    pub async fn get<R: Borrow<TokenRequest> + Send>(
        &self,
        owner: K,
        revision: i64,
        request: impl FnOnce() -> Result<R, TokenError> + Send,
    ) -> Result<Secret, TokenError> {
        let slot = self.slots.lock().entry(owner).or_default().clone();
        let seen = slot.answers.load(Ordering::Acquire);
        let mut last = slot.last.lock().await;
        match &*last {
            Last::Token(token)
                if token.revision == revision && self.clock.now() < token.renew_at =>
            {
                return Ok(token.access.clone());
            }
            // Else a server that does not answer would be waited for by all who wait here, one after the other.
            Last::Failed(error, of)
                if *of == revision && seen != slot.answers.load(Ordering::Acquire) =>
            {
                return Err(error.clone());
            }
            _ => {}
        }
        let fetched = match request() {
            Ok(request) => self.fetch(revision, request.borrow()).await,
            Err(error) => Err(error),
        };
        slot.answers.fetch_add(1, Ordering::AcqRel);
        match fetched {
            Ok(token) => {
                let access = token.access.clone();
                *last = Last::Token(token);
                Ok(access)
            }
            Err(error) => {
                *last = Last::Failed(error.clone(), revision);
                Err(error)
            }
        }
    }

    /// Drops the owner's token if it is still the one that was refused.
    pub async fn refused(&self, owner: &K, refused: &Secret) {
        let Some(slot) = self.slots.lock().get(owner).cloned() else {
            return;
        };
        let mut last = slot.last.lock().await;
        if let Last::Token(token) = &*last
            && token.access.expose() == refused.expose()
        {
            *last = Last::Nothing;
        }
    }

    /// Forgets an owner that is no longer there.
    pub fn forget(&self, owner: &K) {
        self.slots.lock().remove(owner);
    }

    /// Forgets all owners but those for which `keep` holds.
    pub fn retain(&self, keep: impl Fn(&K) -> bool) {
        self.slots.lock().retain(|owner, _| keep(owner));
    }

    async fn fetch(&self, revision: i64, request: &TokenRequest) -> Result<Token, TokenError> {
        let granted = exchange(&self.egress, request).await?;
        let lifetime = granted.lifetime.unwrap_or(DEFAULT_LIFETIME);
        Ok(Token {
            access: granted.access,
            revision,
            renew_at: self.clock.now().after(lifetime - ahead(lifetime)),
        })
    }
}

/// How long before its end a token is renewed that lasts so long.
pub(crate) fn ahead(lifetime: Duration) -> Duration {
    AHEAD.min(lifetime / 10)
}

/// Asks for tokens.
pub(crate) async fn exchange(
    egress: &Egress,
    request: &TokenRequest,
) -> Result<Granted, TokenError> {
    let (status, body) = ask(egress, request).await?;
    answer::read(&request.url, status, &body)
}

/// Asks for another token, with a request that carries one.
pub(crate) async fn exchange_for(egress: &Egress, request: Request) -> Result<Granted, TokenError> {
    let url = request.url.clone();
    let answer = egress.send(request::of_tokens(request)).await?;
    answer::read(&url, answer.status, &answer.body)
}

/// Tells a server that a token is not needed any more. What it says to that is of no use.
pub(crate) async fn give_back(egress: &Egress, request: &TokenRequest) -> Result<(), TokenError> {
    ask(egress, request).await.map(drop)
}

async fn ask(egress: &Egress, request: &TokenRequest) -> Result<(StatusCode, Bytes), TokenError> {
    let proof = request.client.as_ref().map(|client| client.proof);
    let first = match proof {
        Some(ClientProof::Body) => Place::Body,
        _ => Place::Header,
    };
    let (status, body) = send(egress, request, first).await?;
    if proof == Some(ClientProof::HeaderThenBody) && answer::is_invalid_client(status, &body) {
        return send(egress, request, Place::Body).await;
    }
    Ok((status, body))
}

async fn send(
    egress: &Egress,
    request: &TokenRequest,
    place: Place,
) -> Result<(StatusCode, Bytes), TokenError> {
    let answer = egress.send(request.http(place)).await?;
    Ok((answer.status, answer.body))
}

#[cfg(test)]
mod tests;
