use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::ManageWebhooks;
use jackfield_webhooks::outbound::NewReplay;

use super::Replay;
use super::status::ReplayScope;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::DateTime;
use crate::webhook_endpoint::{outcome, unknown_endpoint};

/// The mutation `replayEvents`.
#[derive(Default)]
pub struct ReplayEvents;

/// What `replayEvents` takes.
#[derive(InputObject)]
struct ReplayEventsInput {
    /// Where the events go.
    webhook_endpoint_id: ID,
    /// Only what happened at or after this instant.
    since: Option<DateTime>,
    /// Only what happened before this instant.
    until: Option<DateTime>,
    /// Only these types, or what types begin with, followed by `*`; those that the endpoint asks for by default.
    types: Option<Vec<String>>,
    /// Whether those are sent too that have arrived.
    #[graphql(default_with = "ReplayScope::All")]
    scope: ReplayScope,
}

/// What `replayEvents` answers.
#[derive(SimpleObject, Default)]
struct ReplayEventsPayload {
    /// The replay, whose `done` and `total` tell how far it is; null when there are user errors.
    replay: Option<Replay>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ReplayEvents {
    /// Sends events of the past to an endpoint, in their order and under the `webhook-id` that they had. They are sent on their
    /// way a few at a time, so that what is published meanwhile does not wait behind them.
    async fn replay_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events, and where to.")] input: ReplayEventsInput,
    ) -> Result<ReplayEventsPayload> {
        let permit = ctx.permit::<ManageWebhooks>()?;
        let Ok(endpoint_id) = input.webhook_endpoint_id.parse() else {
            return Ok(ReplayEventsPayload {
                user_errors: vec![unknown_endpoint()],
                ..Default::default()
            });
        };
        let new = NewReplay {
            endpoint_id,
            types: input.types.unwrap_or_default(),
            since: input.since.map(|at| at.0),
            until: input.until.map(|at| at.0),
            scope: input.scope.into(),
        };
        let begun = ctx.services()?.outbound.replay(&permit, new).await;
        let (row, user_errors) = outcome(begun, unknown_endpoint)?;
        Ok(ReplayEventsPayload {
            replay: row.map(Replay),
            user_errors,
        })
    }
}
