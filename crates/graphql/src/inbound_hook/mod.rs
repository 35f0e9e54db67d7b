//! The addresses at which webhooks arrive.

mod rejection;

use async_graphql::{Context, ID, Object, Result};
use futures_util::FutureExt;
use jackfield_storage::access::Read;
use jackfield_storage::page::Page;
use jackfield_storage::{inbound_hook, rejection as rejections};

use crate::connection::{Connection, page};
use crate::context::ContextExt;
use crate::errors::internal;
use crate::scalars::{DateTime, Url};
use crate::workflow::Workflow;
pub use rejection::Rejection;

/// The address of a `webhook` trigger. The same node keeps its address across versions of the workflow.
#[derive(Clone)]
pub struct InboundHook(pub inbound_hook::InboundHook);

/// The address of a `webhook` trigger. The same node keeps its address across versions of the workflow.
#[Object]
impl InboundHook {
    /// The hook's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What to enter at the provider. Whoever knows it can send to it, so treat it like a password unless the trigger checks a signature.
    async fn url(&self, ctx: &Context<'_>) -> Result<Url> {
        let text = ctx.services()?.public_url.hook(&self.0.token);
        text.parse().map(Url).map_err(internal)
    }

    /// The trigger node's key in the definition.
    async fn node_key(&self) -> &str {
        &self.0.node_key
    }

    /// Whether the published version has this trigger. Otherwise requests are turned away.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The workflow that it starts.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Workflow> {
        let found = ctx.loaders()?.workflow.load(self.0.workflow_id).await?;
        found
            .map(Workflow)
            .ok_or_else(|| internal("a hook has no workflow"))
    }

    /// Requests that were turned away lately, newest first. The last 50 are kept.
    async fn rejections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at most, from 1 to 100; 20 by default.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to start.")] after: Option<String>,
    ) -> Result<Connection<Rejection>> {
        let permit = ctx.permit::<Read>()?;
        let store = ctx.store()?.clone();
        let hook = self.0.id;
        let page = page(first, after.as_deref())?;
        let slice = rejections::of_hook(store.reader(), &permit, hook, page)
            .await
            .map_err(internal)?;
        Ok(Connection::new(slice, after.is_some(), move || {
            let (store, permit) = (store.clone(), permit.clone());
            async move {
                let all = Page::first(rejections::KEPT_PER_HOOK);
                let kept = rejections::of_hook(store.reader(), &permit, hook, all)
                    .await
                    .map_err(internal)?;
                Ok(kept.items.len() as u64)
            }
            .boxed()
        }))
    }
}
