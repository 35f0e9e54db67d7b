use async_graphql::{Context, Object, Result};
use jackfield_storage::access::Read;

use super::Plugin;
use crate::connection::Connection;
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
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<Plugin>> {
        ctx.permit::<Read>()?;
        let mut all: Vec<_> = ctx
            .services()?
            .host
            .plugins()
            .into_iter()
            .map(|plugin| (plugin.id().to_owned(), Plugin(plugin)))
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        Connection::of_named(all, first, after.as_deref())
    }
}
