use async_graphql::{Context, ID, InputObject, Object, Result};
use jackfield_storage::access::ManageApps;

use super::outcome::{InboundHookPayload, overlap, unknown_hook};
use crate::context::ContextExt;
use crate::scalars::Duration;

/// The mutation `rotateInboundHookToken`.
#[derive(Default)]
pub struct RotateInboundHookToken;

/// What `rotateInboundHookToken` takes.
#[derive(InputObject)]
struct RotateInboundHookTokenInput {
    /// The hook that gets a new URL.
    inbound_hook_id: ID,
    /// How long the old URL is good beside the new one, up to P7D; P1D by default. PT0S takes it away at once.
    overlap: Option<Duration>,
}

#[Object]
impl RotateInboundHookToken {
    /// Gives a hook a new URL. Until the overlap ends, the URL before is good as well; one that was replaced earlier is not any more.
    async fn rotate_inbound_hook_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose URL.")] input: RotateInboundHookTokenInput,
    ) -> Result<InboundHookPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.inbound_hook_id.parse() else {
            return Ok(InboundHookPayload::refused(unknown_hook()));
        };
        let overlap = match overlap(input.overlap) {
            Ok(overlap) => overlap,
            Err(error) => return Ok(InboundHookPayload::refused(error)),
        };
        let inbound = &ctx.services()?.inbound;
        let rotated = inbound.rotate_hook_token(&permit, id, overlap).await;
        InboundHookPayload::of(rotated, unknown_hook)
    }
}
