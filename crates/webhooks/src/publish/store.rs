use std::collections::HashMap;

use jackfield_storage::access::{Permit, PublishEvents};
use jackfield_storage::event::{self, Event};
use jackfield_storage::ids::EventId;
use jackfield_storage::{Append, Appended, Channels, NewEvent, Problem, ProblemCode, StorageError};

use sea_orm::DbErr;

use super::check::check;
use super::fingerprint::fingerprint;
use super::{MOST, Publication, PublishError, Published, Publisher};

/// What an event came to once it was tried to write it.
type Outcome = Result<Published, Problem>;

impl Publisher {
    /// Publishes events in one commit, in their order.
    ///
    /// Each has an outcome of its own: whether an idempotency key was used for another event is only known when it is
    /// written, and does not keep the other events out.
    ///
    /// # Errors
    ///
    /// When one of them cannot be published as it is; nothing was stored then.
    pub async fn publish(
        &self,
        permit: &Permit<PublishEvents>,
        mut given: Vec<Publication>,
    ) -> Result<Vec<Outcome>, PublishError> {
        if given.len() > MOST {
            let message = format!("At most {MOST} events can be published at once.");
            let problem = Problem::new([0_usize; 0], ProblemCode::TooLarge, message);
            return Err(PublishError::Rejected(vec![problem]));
        }
        let known = self.types.known(&permit.read()).await?;
        let (mut problems, mut warnings, mut channels) = (Vec::new(), Vec::new(), Vec::new());
        for (place, publication) in given.iter_mut().enumerate() {
            let found = check(publication, &known, self.max_bytes);
            problems.extend(found.problems.into_iter().map(|found| found.under(place)));
            warnings.push(found.warnings);
            channels.push(found.channels);
        }
        if !problems.is_empty() {
            return Err(PublishError::Rejected(problems));
        }
        let given = given.into_iter().zip(channels);
        let appends = given.map(|(given, channels)| self.append(given, channels));
        let appends: Vec<Append> = appends.collect();
        let hashes: Vec<_> = appends
            .iter()
            .map(|append| append.event.dedupe_hash.clone())
            .collect();
        let appended = self.store.writer().append_all(permit, appends).await?;
        let appended = appended.into_iter().collect::<Result<Vec<_>, _>>()?;
        let earlier = self.earlier(permit, &appended).await?;
        let outcomes = appended.into_iter().zip(hashes).zip(warnings);
        let outcomes = outcomes.map(|((appended, hash), warnings)| {
            // An event from before hashes were kept has none.
            if appended.dedupe_hash.is_some() && appended.dedupe_hash != hash {
                return Ok(Err(key_is_taken()));
            }
            let stored = appended.event.map(|event| Event::clone(&event));
            let event = stored.or_else(|| earlier.get(&appended.event_id).cloned());
            event
                .map(|event| Ok(Published { event, warnings }))
                .ok_or_else(|| gone(appended.event_id))
        });
        Ok(outcomes.collect::<Result<_, _>>()?)
    }

    fn append(&self, given: Publication, channels: Channels) -> Append {
        let keyed = given.idempotency_key.is_some();
        let dedupe_hash = keyed.then(|| fingerprint(&given, &channels));
        let clock = self.store.clock();
        let event = NewEvent {
            id: clock.id(),
            event_type: given.event_type,
            source: "api".to_owned(),
            data: given.data,
            hook_id: None,
            dedupe_key: given.idempotency_key.map(|key| format!("api:{key}")),
            occurred_at: given.occurred_at.unwrap_or_else(|| clock.now()),
            content_type: given.content_type,
            dedupe_hash,
            channels,
            app_id: None,
            request: None,
        };
        Append {
            event,
            runs: Vec::new(),
        }
    }

    /// The events that were there before.
    async fn earlier(
        &self,
        permit: &Permit<PublishEvents>,
        appended: &[Appended],
    ) -> Result<HashMap<EventId, Event>, StorageError> {
        let duplicates = appended.iter().filter(|appended| appended.duplicate);
        let ids: Vec<EventId> = duplicates.map(|appended| appended.event_id).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = event::find_many(self.store.reader(), &permit.read(), &ids, &[]).await?;
        Ok(found.into_iter().map(|event| (event.id, event)).collect())
    }
}

fn key_is_taken() -> Problem {
    let message = "Another event was published with this idempotency key. Send the same again, or take a \
                   new key.";
    Problem::new(["idempotencyKey"], ProblemCode::Conflict, message)
}

/// Retention took the earlier event away between the write and now.
fn gone(id: EventId) -> StorageError {
    let message = format!("the event {id} is gone");
    StorageError::Database(DbErr::RecordNotFound(message))
}
