//! The steps of a run: its journal.

mod decide;
mod resolve;
mod status;
mod warning;

use async_graphql::{Context, ID, Object, Result};
use jackfield_storage::ids::ConnectedAppId;
use jackfield_storage::step;

use crate::connected_app::ConnectedApp;
use crate::context::ContextExt;
use crate::errors::internal;
use crate::run::Run;
use crate::scalars::{DateTime, JsonScalar};
pub use decide::DecideApproval;
pub use resolve::ResolveStep;
pub use status::StepStatus;
use warning::StepWarning;

/// What one node did in one run.
#[derive(Clone)]
pub struct Step(pub step::Step);

/// What one node did in one run.
#[Object]
impl Step {
    /// The step's id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The node's key in the definition.
    async fn node_key(&self) -> &str {
        &self.0.node_key
    }

    /// Which item of each `for-each` around the node this step is for, counted from 0, the outermost first; empty outside of them.
    async fn item_path(&self) -> Vec<i32> {
        let items = self.0.item_path.iter().flat_map(|path| path.split('.'));
        items.filter_map(|item| item.parse().ok()).collect()
    }

    /// SHA-256 in hex of the file of the plugin that executed it; null for a built-in node.
    async fn plugin_sha256(&self) -> Option<&str> {
        self.0.plugin_sha256.as_deref()
    }

    /// The connected app whose credentials its last attempt had; null before the first one, for a node that has none, and when it was
    /// disconnected since.
    async fn connected_app(&self, ctx: &Context<'_>) -> Result<Option<ConnectedApp>> {
        app(ctx, self.0.connected_app_id).await
    }

    /// How far it is.
    async fn status(&self) -> StepStatus {
        self.0.status.into()
    }

    /// Which attempt this is or was the last: 1 for the first, 0 before it.
    async fn attempt(&self) -> i32 {
        self.0.attempt
    }

    /// The node's config with all expressions resolved; null until it is executed.
    async fn input(&self) -> Option<JsonScalar> {
        self.0.input.clone().map(JsonScalar)
    }

    /// What it returned; null until it has succeeded.
    async fn output(&self) -> Option<JsonScalar> {
        self.0.output.clone().map(JsonScalar)
    }

    /// Whether its node was not executed: in a test run of a draft it returned what is pinned to it.
    async fn is_pinned(&self) -> bool {
        self.0.pinned
    }

    /// What went wrong in the last attempt, with the members `code` and `message`; null when nothing did.
    async fn error(&self) -> Option<JsonScalar> {
        self.0.error.clone().map(JsonScalar)
    }

    /// What was done otherwise than the config says, such as the default resource used in the place of one that is gone.
    async fn warnings(&self) -> Vec<StepWarning> {
        let stored = self.0.warnings.as_ref();
        stored.map_or_else(Vec::new, |stored| stored.parse().unwrap_or_default())
    }

    /// The port at which it left; null until it is over.
    async fn port(&self) -> Option<&str> {
        self.0.port.as_deref()
    }

    /// When its turn came.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When its first attempt began; null before.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When it was over; null until then.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// When it goes on by itself; null unless it waits.
    async fn wake_at(&self) -> Option<DateTime> {
        self.0.wake_at.map(DateTime)
    }

    /// The connected app whose rate limit it waits for; null when it waits for something else, or not at all.
    async fn rate_limited_by(&self, ctx: &Context<'_>) -> Result<Option<ConnectedApp>> {
        app(ctx, self.0.turn_of).await
    }

    /// Its run.
    async fn run(&self, ctx: &Context<'_>) -> Result<Run> {
        let found = ctx.loaders()?.run.load(self.0.run_id).await?;
        found.map(Run).ok_or_else(|| internal("a step has no run"))
    }
}

async fn app(ctx: &Context<'_>, id: Option<ConnectedAppId>) -> Result<Option<ConnectedApp>> {
    let Some(id) = id else {
        return Ok(None);
    };
    Ok(ctx.loaders()?.app.load(id).await?.map(ConnectedApp))
}
