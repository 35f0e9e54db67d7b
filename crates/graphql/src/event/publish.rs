use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::PublishEvents;
use jackfield_webhooks::publish::{Publication, PublishError, Published};

use super::Event;
use super::warning::PublishWarning;
use crate::context::ContextExt;
use crate::errors::{UserError, internal};
use crate::scalars::{DateTime, JsonScalar};

/// The mutation `publishEvent`.
#[derive(Default)]
pub struct PublishEvent;

/// What `publishEvent` takes.
#[derive(InputObject)]
pub struct PublishEventInput {
    /// What happened, such as `invoice.paid`; 1 to 200 characters.
    #[graphql(name = "type")]
    event_type: String,
    /// What there is to say about it. It must match the schema of its type in the catalogue, see `Workspace.schemaMismatch`.
    data: JsonScalar,
    /// The same key with the same type, data, channels and `occurredAt` again is the same event: nothing is stored twice. With
    /// anything else it is refused.
    idempotency_key: Option<String>,
    /// For whom it is, such as `project_1042`: of the endpoints that name channels, those that share one get it. 10 at most.
    channels: Option<Vec<String>>,
    /// When it happened; now by default.
    occurred_at: Option<DateTime>,
}

impl From<PublishEventInput> for Publication {
    fn from(input: PublishEventInput) -> Self {
        Self {
            event_type: input.event_type,
            data: input.data.0,
            content_type: None,
            idempotency_key: input.idempotency_key,
            channels: input.channels.unwrap_or_default(),
            occurred_at: input.occurred_at.map(|at| at.0),
        }
    }
}

/// What `publishEvent` answers.
#[derive(SimpleObject, Default)]
struct PublishEventPayload {
    /// The event, or the earlier one with the same idempotency key; null when there are user errors.
    event: Option<Event>,
    /// What is wrong with it, though it was published, as the workspace's rules have it.
    warnings: Vec<PublishWarning>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl PublishEvent {
    /// Appends an event to the log. When it is answered, the event and the runs that it starts are on disk.
    async fn publish_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What happened.")] input: PublishEventInput,
    ) -> Result<PublishEventPayload> {
        let permit = ctx.permit::<PublishEvents>()?;
        let publisher = &ctx.services()?.publisher;
        let problems = match publisher.publish(&permit, vec![input.into()]).await {
            Ok(mut outcomes) => match outcomes.pop() {
                Some(Ok(Published { event, warnings })) => {
                    return Ok(PublishEventPayload {
                        event: Some(Event(event)),
                        warnings: warnings.into_iter().map(Into::into).collect(),
                        user_errors: Vec::new(),
                    });
                }
                Some(Err(problem)) => vec![problem],
                None => return Err(internal("an event has no outcome")),
            },
            // Each begins with the event's place in the list, which is none of the input's.
            Err(PublishError::Rejected(problems)) => {
                let inner = problems.into_iter().map(|mut problem| {
                    problem.field.remove(0);
                    problem
                });
                inner.collect()
            }
            Err(error) => return Err(internal(error)),
        };
        Ok(PublishEventPayload {
            user_errors: problems.into_iter().map(Into::into).collect(),
            ..Default::default()
        })
    }
}
