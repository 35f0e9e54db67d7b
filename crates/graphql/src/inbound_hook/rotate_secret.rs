use async_graphql::{Context, ID, InputObject, Object, Result};
use jackfield_storage::access::ManageApps;

use super::outcome::{InboundHookPayload, overlap, unknown_hook};
use crate::context::ContextExt;
use crate::scalars::Duration;

/// The mutation `rotateInboundHookSecret`.
#[derive(Default)]
pub struct RotateInboundHookSecret;

/// What `rotateInboundHookSecret` takes.
#[derive(InputObject)]
struct RotateInboundHookSecretInput {
    /// The hook that gets a new secret.
    inbound_hook_id: ID,
    /// What the sender signs with from now on. It cannot be read back.
    secret: String,
    /// How long the old secret is good beside the new one, up to P7D; P1D by default. PT0S takes it away at once.
    overlap: Option<Duration>,
}

#[Object]
impl RotateInboundHookSecret {
    /// Gives a hook a new secret. Until the overlap ends, what is signed with the one before is believed as well.
    async fn rotate_inbound_hook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose secret.")] input: RotateInboundHookSecretInput,
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
        let rotated = inbound
            .rotate_hook_secret(&permit, id, input.secret, overlap)
            .await;
        InboundHookPayload::of(rotated, unknown_hook)
    }
}
