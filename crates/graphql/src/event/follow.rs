use async_graphql::{Context, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::{Change, Cursor, Elsewhere, Store, event};

use super::Event;
use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::follow::{self, BATCH, Source, follow};

/// The subscription `events`.
#[derive(Default)]
pub struct FollowEvents;

/// An event, as `events` shows it.
#[derive(SimpleObject)]
struct EventUpdate {
    /// The place in the log: passed as `after`, it goes on after this event.
    cursor: String,
    /// The event.
    event: Event,
}

#[Subscription]
impl FollowEvents {
    /// Events as they are stored, without a gap and each once. With `after` those after that place come first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The cursor after which to start; with none, only what happens from now on is shown."
        )]
        after: Option<String>,
        #[graphql(desc = "Only these types; all when it is empty or not given.")] types: Option<
            Vec<String>,
        >,
    ) -> Result<impl Stream<Item = Result<EventUpdate>>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let changes = store.changes();
        let position = match &after {
            Some(cursor) => position(cursor)?,
            None => store.head().await.map_err(internal)?,
        };
        let source = Events {
            store,
            permit,
            types: types.unwrap_or_default(),
        };
        let updates = follow(source, changes, position, after.is_some());
        Ok(updates.map(|update| {
            update.map(|(position, event)| EventUpdate {
                cursor: Cursor::position(position).to_string(),
                event: Event(event),
            })
        }))
    }
}

/// The log position of a cursor.
///
/// # Errors
///
/// `BAD_USER_INPUT` when it is no cursor.
pub fn position(cursor: &str) -> Result<i64> {
    let cursor: Cursor = cursor
        .parse()
        .map_err(|error| Code::BadUserInput.error(format!("`after`: {error}")))?;
    Ok(cursor.as_position())
}

struct Events {
    store: Store,
    permit: Permit<Read>,
    types: Vec<String>,
}

impl Source for Events {
    type Item = event::Event;

    async fn read(&self, after: i64) -> Result<follow::Read<event::Event>> {
        let rows =
            event::changes_after(self.store.reader(), &self.permit, after, &self.types, BATCH)
                .await
                .map_err(internal)?;
        let more = rows.len() as u64 == BATCH;
        Ok(follow::Read {
            items: rows.into_iter().map(|row| (row.position, row)).collect(),
            more,
            ended: false,
        })
    }

    fn see(&self, change: &Change) -> Option<event::Event> {
        let Change::Event(event) = change else {
            return None;
        };
        let wanted = event.workspace_id == self.permit.workspace()
            && (self.types.is_empty() || self.types.contains(&event.event_type));
        wanted.then(|| event::Event::clone(event))
    }

    fn may_see(&self, elsewhere: &Elsewhere) -> bool {
        elsewhere.may_have_events()
    }

    fn is_last(&self, _: &event::Event) -> bool {
        false
    }
}
