use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use jackfield_storage::access::ManageApps;
use jackfield_webhooks::inbound::ChangeHook;
use serde_json::Value;

use super::outcome::{InboundHookPayload, unknown_hook};
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::scalars::JsonScalar;

/// The mutation `updateInboundHook`.
#[derive(Default)]
pub struct UpdateInboundHook;

/// What `updateInboundHook` takes. What is not given stays as it is.
#[derive(InputObject)]
struct UpdateInboundHookInput {
    /// The hook of a connected app.
    inbound_hook_id: ID,
    /// Whether it takes anything; requests to one that does not are answered with 410.
    active: Option<bool>,
    /// What the provider signs with: a text, or a list of texts of which each is good. It cannot be read back; null takes it away.
    secret: MaybeUndefined<JsonScalar>,
    /// Members of its config, over those that there are, as with the `webhook` trigger: `scheme`, `format`, `allowFrom`,
    /// `maxBytes`, `maxPerSecond` and what the scheme wants. Null takes a member away.
    config: Option<JsonScalar>,
}

#[Object]
impl UpdateInboundHook {
    /// Changes the hook of a connected app. That of a `webhook` trigger is changed by saving and publishing its workflow.
    async fn update_inbound_hook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateInboundHookInput,
    ) -> Result<InboundHookPayload> {
        let permit = ctx.permit::<ManageApps>()?;
        let Ok(id) = input.inbound_hook_id.parse() else {
            return Ok(InboundHookPayload::refused(unknown_hook()));
        };
        let config = match input.config.map(|config| config.0.value()) {
            None => None,
            Some(Value::Object(members)) => Some(members),
            Some(_) => {
                let error = UserError::invalid("config", "The config must be an object.");
                return Ok(InboundHookPayload::refused(error));
            }
        };
        let change = ChangeHook {
            active: input.active,
            config,
            secret: match input.secret {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(Value::Null),
                MaybeUndefined::Value(secret) => Some(secret.0.value()),
            },
        };
        let inbound = &ctx.services()?.inbound;
        InboundHookPayload::of(inbound.change_hook(&permit, id, change).await, unknown_hook)
    }
}
