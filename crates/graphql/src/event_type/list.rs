use std::collections::HashMap;

use async_graphql::{Context, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::event_type::{self, Summary, TypeFilter};

use super::EventType;
use crate::connection::{Connection, NameOrder};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `eventTypes`.
#[derive(Default)]
pub struct ListEventTypes;

#[Object]
impl ListEventTypes {
    /// The types of events in the catalogue, by name; with `search`, those whose names match come first.
    async fn event_types(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only those with all these words in their name, category or description."
        )]
        search: Option<String>,
        #[graphql(desc = "Only those of this category.")] category: Option<String>,
        #[graphql(desc = "Also those that are archived.")] archived: Option<bool>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; from A to Z by default.")] order: Option<NameOrder>,
    ) -> Result<Connection<EventType>> {
        let permit = ctx.permit::<Read>()?;
        let db = ctx.store()?.reader();
        let archived = archived.unwrap_or_default();
        let filter = TypeFilter { category, archived };
        let all = event_type::summaries(db, &permit, &filter)
            .await
            .map_err(internal)?;
        let search = search.unwrap_or_default().to_lowercase();
        let mut wanted: Vec<_> = all
            .into_iter()
            .filter_map(|found| Some((format!("{} {}", rank(&found, &search)?, found.name), found)))
            .collect();
        wanted.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let page = Connection::of_named(wanted, (first, after), (last, before), order)?;
        let ids: Vec<_> = page.items().map(|found: &Summary| found.id).collect();
        let rows = event_type::find_many(db, &permit, &ids)
            .await
            .map_err(internal)?;
        let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        Ok(page.filter_map(|found| rows.remove(&found.id).map(EventType)))
    }
}

/// How well a type answers a search, 0 being best; `None` when it does not.
fn rank(found: &Summary, search: &str) -> Option<u8> {
    let name = found.name.to_lowercase();
    let text = format!("{name} {} {}", found.category, found.description).to_lowercase();
    let mut words = search.split_whitespace();
    if !words.clone().all(|word| text.contains(word)) {
        return None;
    }
    Some(if search.trim().is_empty() || name == search.trim() {
        0
    } else if name.starts_with(search.trim()) {
        1
    } else if words.all(|word| name.contains(word)) {
        2
    } else {
        3
    })
}
