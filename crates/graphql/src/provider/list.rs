use async_graphql::{Context, Object, Result};
use jackfield_storage::access::Read;

use super::Provider;
use crate::connection::{Connection, NameOrder};
use crate::context::ContextExt;

/// The query `providers`.
#[derive(Default)]
pub struct ListProviders;

#[Object]
impl ListProviders {
    /// Every provider that apps can be connected for, by name.
    async fn providers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with this text in their name or title.")] search: Option<
            String,
        >,
        #[graphql(desc = "How many at most from the beginning, from 1 to 100; 20 by default.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many at most from the end, from 1 to 100, in the place of `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "In which order; from A to Z by default.")] order: Option<NameOrder>,
    ) -> Result<Connection<Provider>> {
        ctx.permit::<Read>()?;
        let search = search.unwrap_or_default().to_lowercase();
        let all = ctx.services()?.host.providers().into_iter();
        let all = all.map(|provider| (provider.manifest.name.clone(), Provider(provider)));
        let all = all.filter(|(name, provider)| {
            let text = format!("{name} {}", provider.0.manifest.title);
            text.to_lowercase().contains(search.trim())
        });
        let all = all.collect();
        Connection::of_named(all, (first, after), (last, before), order)
    }
}
