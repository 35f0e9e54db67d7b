use async_graphql::{Context, InputObject, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::event;

use super::Event;
use crate::connection::{Connection, ListOrder, page};
use crate::context::ContextExt;
use crate::errors::internal;
use crate::loaders::UNSEEN_OF_EVENTS;
use crate::scalars::DateTime;

/// The query `events`.
#[derive(Default)]
pub struct ListEvents;

/// Which events are wanted. What is not given does not restrict.
#[derive(InputObject, Default)]
struct EventFilter {
    /// Only these types; all when empty.
    types: Option<Vec<String>>,
    /// Only what happened at or after this instant.
    since: Option<DateTime>,
    /// Only what happened before this instant.
    until: Option<DateTime>,
}

impl From<EventFilter> for event::EventFilter {
    fn from(filter: EventFilter) -> Self {
        Self {
            types: filter.types.unwrap_or_default(),
            since: filter.since.map(|at| at.0),
            until: filter.until.map(|at| at.0),
            ..Self::default()
        }
    }
}

#[Object]
impl ListEvents {
    /// The workspace's events, the last stored first.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which events are wanted; all when it is not given.")] filter: Option<
            EventFilter,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; the newest first by default.")] order: Option<ListOrder>,
    ) -> Result<Connection<Event>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let page = page((first, after), (last, before), order)?;
        let filter: event::EventFilter = filter.unwrap_or_default().into();
        let without = ctx.unseen(&UNSEEN_OF_EVENTS);
        let slice = event::list(store.reader(), &permit, &filter, page, &without)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, move || {
            let (store, permit, filter) = (store.clone(), permit.clone(), filter.clone());
            async move {
                event::count(store.reader(), &permit, &filter)
                    .await
                    .map_err(internal)
            }
            .boxed()
        }))
    }
}
