use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::PublishEvents;
use jackfield_storage::{Append, NewEvent, event};
use jackfield_webhooks::publish::fingerprint;

use super::Event;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};
use crate::scalars::{DateTime, JsonScalar};

/// The longest type of an event, and the longest idempotency key, in characters.
const LONGEST: usize = 200;

/// The mutation `publishEvent`.
#[derive(Default)]
pub struct PublishEvent;

/// What `publishEvent` takes.
#[derive(InputObject)]
struct PublishEventInput {
    /// What happened, such as `invoice.paid`; 1 to 200 characters.
    #[graphql(name = "type")]
    event_type: String,
    /// What there is to say about it.
    data: JsonScalar,
    /// The same key with the same type, data and `occurredAt` again is the same event: nothing is stored twice. With
    /// anything else it is refused.
    idempotency_key: Option<String>,
    /// When it happened; now by default.
    occurred_at: Option<DateTime>,
}

/// What `publishEvent` answers.
#[derive(SimpleObject)]
struct PublishEventPayload {
    /// The event, or the earlier one with the same idempotency key; null when there are user errors.
    event: Option<Event>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl PublishEvent {
    /// Appends an event to the log.
    async fn publish_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What happened.")] input: PublishEventInput,
    ) -> Result<PublishEventPayload> {
        let permit = ctx.permit::<PublishEvents>()?;
        let store = ctx.store()?;
        let user_errors = check(&input);
        if !user_errors.is_empty() {
            return Ok(PublishEventPayload {
                event: None,
                user_errors,
            });
        }
        let occurred_at = input.occurred_at.map(|at| at.0);
        let fingerprint = input
            .idempotency_key
            .is_some()
            .then(|| fingerprint(&input.event_type, &input.data.0, occurred_at));
        let event = NewEvent {
            id: store.clock().id(),
            event_type: input.event_type,
            source: "api".to_owned(),
            data: input.data.0,
            hook_id: None,
            dedupe_key: input.idempotency_key.map(|key| format!("api:{key}")),
            occurred_at: occurred_at.unwrap_or_else(|| store.clock().now()),
            content_type: None,
            dedupe_hash: fingerprint.clone(),
        };
        let appended = store
            .writer()
            .append(
                &permit,
                Append {
                    event,
                    runs: Vec::new(),
                },
            )
            .await
            .map_err(internal)?;
        // An event from before hashes were kept has none.
        if appended.dedupe_hash.is_some() && appended.dedupe_hash != fingerprint {
            return Ok(PublishEventPayload {
                event: None,
                user_errors: vec![key_is_taken()],
            });
        }
        let event = match appended.event {
            Some(event) => Some(event::Event::clone(&event)),
            None => event::find(store.reader(), &permit.read(), appended.event_id)
                .await
                .map_err(internal)?,
        };
        Ok(PublishEventPayload {
            event: event.map(Event),
            user_errors,
        })
    }
}

fn key_is_taken() -> UserError {
    let message = "Another event was published with this idempotency key. Send the same type, data and occurredAt \
                   again, or take a new key.";
    UserError {
        code: UserErrorCode::Conflict,
        ..UserError::invalid("idempotencyKey", message)
    }
}

fn check(input: &PublishEventInput) -> Vec<UserError> {
    let mut errors = Vec::new();
    let length = input.event_type.chars().count();
    if !(1..=LONGEST).contains(&length) || input.event_type.chars().any(char::is_whitespace) {
        errors.push(UserError::invalid(
            "type",
            "A type has 1 to 200 characters and no spaces, such as `invoice.paid`.",
        ));
    }
    if input
        .idempotency_key
        .as_ref()
        .is_some_and(|key| key.is_empty() || key.chars().count() > LONGEST)
    {
        let message = "An idempotency key has 1 to 200 characters.";
        errors.push(UserError {
            code: UserErrorCode::TooLarge,
            ..UserError::invalid("idempotencyKey", message)
        });
    }
    errors
}
