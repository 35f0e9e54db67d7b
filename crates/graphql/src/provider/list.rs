use async_graphql::{Context, Object, Result};
use jackfield_storage::access::Read;

use super::Provider;
use crate::connection::Connection;
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
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<Provider>> {
        ctx.permit::<Read>()?;
        let all = ctx.services()?.host.providers().into_iter();
        let all = all
            .map(|provider| (provider.manifest.name.clone(), Provider(provider)))
            .collect();
        Connection::of_named(all, first, after.as_deref())
    }
}
