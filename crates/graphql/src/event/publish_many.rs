use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::Problem;
use jackfield_storage::access::PublishEvents;
use jackfield_webhooks::publish::PublishError;

use super::Event;
use super::publish::PublishEventInput;
use super::warning::PublishWarning;
use crate::context::ContextExt;
use crate::errors::{UserError, internal};

/// The mutation `publishEvents`.
#[derive(Default)]
pub struct PublishManyEvents;

/// What `publishEvents` takes.
#[derive(InputObject)]
struct PublishEventsInput {
    /// What happened, in the order in which it is to be stored; 1,000 at most.
    events: Vec<PublishEventInput>,
}

/// What `publishEvents` answers.
#[derive(SimpleObject, Default)]
struct PublishEventsPayload {
    /// The events in the order of the input; null when nothing was stored. One is null when its idempotency key was used for
    /// another event, which a user error says; the others are stored then.
    events: Option<Vec<Option<Event>>>,
    /// What is wrong with events that were published all the same, as the workspace's rules have it.
    warnings: Vec<PublishWarning>,
    /// What has to change in the input; empty when all of it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl PublishManyEvents {
    /// Appends many events to the log, in one transaction.
    async fn publish_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What happened.")] input: PublishEventsInput,
    ) -> Result<PublishEventsPayload> {
        let permit = ctx.permit::<PublishEvents>()?;
        let given = input.events.into_iter().map(Into::into).collect();
        let outcomes = match ctx.services()?.publisher.publish(&permit, given).await {
            Ok(outcomes) => outcomes,
            Err(PublishError::Rejected(problems)) => {
                return Ok(PublishEventsPayload {
                    user_errors: problems
                        .into_iter()
                        .map(|found| below(found).into())
                        .collect(),
                    ..Default::default()
                });
            }
            Err(error) => return Err(internal(error)),
        };
        let mut payload = PublishEventsPayload::default();
        let mut events = Vec::new();
        for (place, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(published) => {
                    let warnings = published.warnings.into_iter();
                    let warnings = warnings.map(|found| below(found.under(place)).into());
                    payload.warnings.extend(warnings);
                    events.push(Some(Event(published.event)));
                }
                Err(found) => {
                    payload.user_errors.push(below(found.under(place)).into());
                    events.push(None);
                }
            }
        }
        payload.events = Some(events);
        Ok(payload)
    }
}

fn below(problem: Problem) -> Problem {
    problem.under("events")
}
