use async_graphql::{Context, Object, Result};
use jackfield_storage::access::Read;
use jackfield_storage::variable;

use super::Variable;
use crate::connection::{Connection, NameOrder};
use crate::context::ContextExt;
use crate::errors::internal;

/// The query `variables`.
#[derive(Default)]
pub struct ListVariables;

#[Object]
impl ListVariables {
    /// The workspace's variables, by name.
    async fn variables(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with this text in their name or description.")] search: Option<
            String,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; from A to Z by default.")] order: Option<NameOrder>,
    ) -> Result<Connection<Variable>> {
        let permit = ctx.permit::<Read>()?;
        let search = search.unwrap_or_default().to_lowercase();
        let all = variable::all(ctx.store()?.reader(), &permit)
            .await
            .map_err(internal)?;
        let wanted = |row: &variable::Variable| {
            let text = format!("{} {}", row.name, row.description);
            text.to_lowercase().contains(search.trim())
        };
        let mut named: Vec<_> = all
            .into_iter()
            .filter(wanted)
            .map(|row| (row.name.clone(), Variable(row)))
            .collect();
        // Databases order letters in ways of their own.
        named.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Connection::of_named(named, (first, after), (last, before), order)
    }
}
