use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::{Change, Cursor, Elsewhere, Store, message_template};

use super::MessageTemplate;
use crate::context::ContextExt;
use crate::errors::internal;
use crate::event::position;
use crate::follow::{self, BATCH, Source, follow};

/// The subscription `messageTemplateUpdates`.
#[derive(Default)]
pub struct FollowMessageTemplates;

/// A change of a message template.
#[derive(SimpleObject)]
struct MessageTemplateUpdate {
    /// The place among the changes: passed as `after`, it goes on after this one.
    cursor: String,
    /// The message template as it is now; null when it was deleted.
    message_template: Option<MessageTemplate>,
    /// The id of a message template that was deleted; null when it was not.
    deleted_id: Option<ID>,
}

impl MessageTemplateUpdate {
    fn of(position: i64, row: message_template::MessageTemplate) -> Self {
        let cursor = Cursor::position(position).to_string();
        match row.deleted_at {
            None => Self {
                cursor,
                message_template: Some(MessageTemplate(row)),
                deleted_id: None,
            },
            Some(_) => Self {
                cursor,
                message_template: None,
                deleted_id: Some(row.id.to_string().into()),
            },
        }
    }
}

#[Subscription]
impl FollowMessageTemplates {
    /// The message templates as they are made, changed and deleted, without a gap. What is sent from where changes with the
    /// resources too: `resourceUpdates` tells of these. With `after` what changed after that place comes first; what changed
    /// several times is shown once, as it is now.
    async fn message_template_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The cursor after which to start; with none, only what happens from now on is shown."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<MessageTemplateUpdate>>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let changes = store.changes();
        let position = match &after {
            Some(cursor) => position(cursor)?,
            None => store.head().await.map_err(internal)?,
        };
        let source = MessageTemplates { store, permit };
        let updates = follow(source, changes, position, after.is_some());
        Ok(updates
            .map(|update| update.map(|(position, row)| MessageTemplateUpdate::of(position, row))))
    }
}

struct MessageTemplates {
    store: Store,
    permit: Permit<Read>,
}

impl Source for MessageTemplates {
    type Item = message_template::MessageTemplate;

    async fn read(&self, after: i64) -> Result<follow::Read<message_template::MessageTemplate>> {
        let db = self.store.reader();
        let rows = message_template::changes_after(db, &self.permit, after, BATCH).await;
        let rows = rows.map_err(internal)?;
        let more = rows.len() as u64 == BATCH;
        Ok(follow::Read {
            items: rows.into_iter().map(|row| (row.revision, row)).collect(),
            more,
            ended: false,
        })
    }

    fn see(&self, change: &Change) -> Option<message_template::MessageTemplate> {
        match change {
            Change::MessageTemplate(row) if row.workspace_id == self.permit.workspace() => {
                Some(message_template::MessageTemplate::clone(row))
            }
            _ => None,
        }
    }

    fn may_see(&self, elsewhere: &Elsewhere) -> bool {
        elsewhere.may_have_message_templates()
    }

    fn is_last(&self, _: &message_template::MessageTemplate) -> bool {
        false
    }
}
