use async_graphql::{Context, ID, InputObject, Object, Result};
use jackfield_storage::access::ManageApps;

use super::outcome::InboundHookPayload;
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `createInboundHook`.
#[derive(Default)]
pub struct CreateInboundHook;

/// What `createInboundHook` takes.
#[derive(InputObject)]
struct CreateInboundHookInput {
    /// The connected app whose provider shall send.
    connected_app_id: ID,
    /// How the provider signs, as with the `webhook` trigger; what is known of the provider by default.
    scheme: Option<String>,
}

#[Object]
impl CreateInboundHook {
    /// Makes the hook of a connected app that has none. An app gets its hook when it is connected, if its provider has webhooks;
    /// when there is one already, it is returned as it is.
    async fn create_inbound_hook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which app.")] input: CreateInboundHookInput,
    ) -> Result<InboundHookPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let unknown = || UserError::not_found("connectedAppId", "connected app");
        let Ok(app) = input.connected_app_id.parse() else {
            return Ok(InboundHookPayload::refused(unknown()));
        };
        let scheme = match input.scheme.map(|scheme| scheme.parse()).transpose() {
            Ok(scheme) => scheme,
            Err(error) => {
                let error = UserError::invalid("scheme", format!("{error}."));
                return Ok(InboundHookPayload::refused(error));
            }
        };
        let inbound = &ctx.services()?.inbound;
        InboundHookPayload::of(inbound.create_hook(&permit, app, scheme).await, unknown)
    }
}
