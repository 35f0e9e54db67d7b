use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::message_template;

use super::{MessageChannel, MessageTemplate};
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `messageTemplates`.
#[derive(Default)]
pub struct ListMessageTemplates;

/// Which message templates are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct MessageTemplateFilter {
    /// Only those of this channel.
    channel: Option<MessageChannel>,
    /// Only those with this text in their name or description.
    search: Option<String>,
}

#[Object]
impl ListMessageTemplates {
    /// The workspace's message templates, newest first.
    async fn message_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which message templates are wanted; all when it is not given.")]
        filter: Option<MessageTemplateFilter>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<MessageTemplate>> {
        let (permit, store) = (ctx.permit::<Read>()?, ctx.store()?.clone());
        let filter = filter.unwrap_or_default();
        let filter = message_template::MessageTemplateFilter {
            channel: filter.channel.map(Into::into),
            search: filter.search,
        };
        let page = page((first, after), (last, before), order)?;
        let slice = message_template::list(store.reader(), &permit, &filter, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                let counted = message_template::count(store.reader(), &permit, &filter).await;
                counted.map_err(internal)
            }
            .boxed()
        }))
    }
}
