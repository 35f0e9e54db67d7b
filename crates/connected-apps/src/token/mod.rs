//! Access tokens by the client credentials grant: RFC 6749, section 4.4.

mod answer;
mod request;

use std::{
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
use jackfield_egress::Egress;
use jackfield_storage::{Clock, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;

use crate::secret::Secret;

pub use answer::TokenError;
pub use request::{ClientProof, TokenRequest};

use request::Place;

/// A token is renewed this long before it expires, or a tenth of its lifetime before if that is shorter.
const AHEAD: Duration = Duration::from_secs(60);

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

    /// The owner's token, fetched when there is none that lasts. `revision` changes with the owner's credentials.
    ///
    /// # Errors
    ///
    /// When the token endpoint gives none; told to all who have waited for it.
    pub async fn get(
        &self,
        owner: K,
        revision: i64,
        request: &TokenRequest,
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
        let fetched = self.fetch(revision, request).await;
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
        let first = match request.proof {
            ClientProof::Header | ClientProof::HeaderThenBody => Place::Header,
            ClientProof::Body => Place::Body,
        };
        let (mut status, mut body) = self.ask(request, first).await?;
        if request.proof == ClientProof::HeaderThenBody && answer::is_invalid_client(status, &body)
        {
            (status, body) = self.ask(request, Place::Body).await?;
        }
        let granted = answer::read(&request.url, status, &body)?;
        let ahead = AHEAD.min(granted.lifetime / 10);
        Ok(Token {
            access: granted.access,
            revision,
            renew_at: self.clock.now().after(granted.lifetime - ahead),
        })
    }

    async fn ask(
        &self,
        request: &TokenRequest,
        place: Place,
    ) -> Result<(StatusCode, Bytes), TokenError> {
        let answer = self.egress.send(request.http(place)).await?;
        Ok((answer.status, answer.body))
    }
}

#[cfg(test)]
mod tests;
