use async_graphql::{Context, Object, Result};
use jackfield_storage::access::Read;

use super::{Plugin, PluginStatus};
use crate::connection::{Connection, NameOrder};
use crate::context::ContextExt;

/// The query `plugins`.
#[derive(Default)]
pub struct ListPlugins;

#[Object]
impl ListPlugins {
    /// Every plugin file that the server found when it started, also those that it could not load, by name of file.
    async fn plugins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this status.")] status: Option<PluginStatus>,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; from A to Z by default.")] order: Option<NameOrder>,
    ) -> Result<Connection<Plugin>> {
        ctx.permit::<Read>()?;
        let mut all: Vec<_> = ctx
            .services()?
            .host
            .plugins()
            .into_iter()
            .filter(|plugin| status.is_none_or(|wanted| wanted == plugin.status().into()))
            .map(|plugin| (plugin.id().to_owned(), Plugin(plugin)))
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        Connection::of_named(all, (first, after), (last, before), order)
    }
}
