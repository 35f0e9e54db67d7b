use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::PublishEvents;
use jackfield_webhooks::inbound::ReplayError;

use crate::context::ContextExt;
use crate::errors::{UserError, internal};
use crate::event::Event;

/// The mutation `replayInboundRequest`.
#[derive(Default)]
pub struct ReplayInboundRequest;

/// What `replayInboundRequest` takes.
#[derive(InputObject)]
struct ReplayInboundRequestInput {
    /// A request that brought an event.
    inbound_request_id: ID,
}

/// What `replayInboundRequest` answers.
#[derive(SimpleObject)]
struct ReplayInboundRequestPayload {
    /// The event that was made of it now; null when there are user errors.
    event: Option<Event>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ReplayInboundRequest {
    /// Runs a request again as a new event: through the triggers and to the endpoints that there are now. The event has
    /// `replayOf`, and so has `trigger.event` in the runs of the hook's own trigger.
    async fn replay_inbound_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request.")] input: ReplayInboundRequestInput,
    ) -> Result<ReplayInboundRequestPayload> {
        let permit = ctx.permit::<PublishEvents>()?;
        let refused = |error| ReplayInboundRequestPayload {
            event: None,
            user_errors: vec![error],
        };
        let Ok(id) = input.inbound_request_id.parse() else {
            let error = UserError::not_found("inboundRequestId", "request");
            return Ok(refused(error));
        };
        match ctx.services()?.inbound.replay(&permit, id).await {
            Ok(id) => Ok(ReplayInboundRequestPayload {
                event: ctx.loaders()?.event.load(id).await?.map(Event),
                user_errors: Vec::new(),
            }),
            Err(ReplayError::Rejected(problem)) => Ok(refused(problem.into())),
            Err(ReplayError::Failed(error)) => Err(internal(error)),
        }
    }
}
