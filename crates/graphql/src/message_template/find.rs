use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::message_template;

use super::MessageTemplate;
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `messageTemplate`.
#[derive(Default)]
pub struct FindMessageTemplate;

#[Object]
impl FindMessageTemplate {
    /// A message template by its id; null when there is none.
    async fn message_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message template's id.")] id: ID,
    ) -> Result<Option<MessageTemplate>> {
        let permit = ctx.permit::<Read>()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = message_template::find(ctx.store()?.reader(), &permit, id)
            .await
            .map_err(internal)?;
        Ok(found.map(MessageTemplate))
    }
}
