use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use jackfield_storage::Json;
use jackfield_storage::run::{self, Priority};
use jackfield_workflows::definition::{
    ConcurrencyDocument, Document, EdgeDocument, NodeDocument, RetryDocument, SettingsDocument,
};
use serde_json::Value;

use crate::connected_app::ConnectedApp;
use crate::context::ContextExt;
use crate::run::{OnFull, RunPriority};
use crate::scalars::JsonScalar;

/// A graph of nodes.
pub struct WorkflowDefinition(pub Document);

/// A graph of nodes.
#[Object]
impl WorkflowDefinition {
    /// The nodes, in the order in which they were saved.
    async fn nodes(&self) -> Vec<DefinitionNode<'_>> {
        self.0.nodes.iter().map(DefinitionNode).collect()
    }

    /// The edges between them.
    async fn edges(&self) -> Vec<DefinitionEdge<'_>> {
        self.0.edges.iter().map(DefinitionEdge).collect()
    }

    /// What holds for the whole workflow; null when nothing is set.
    async fn settings(&self) -> Option<DefinitionSettings<'_>> {
        self.0.settings.as_ref().map(DefinitionSettings)
    }
}

/// What holds for a whole workflow.
struct DefinitionSettings<'a>(&'a SettingsDocument);

/// What holds for a whole workflow.
#[Object]
impl DefinitionSettings<'_> {
    /// How long a run may take, waits included.
    async fn timeout(&self) -> Option<&str> {
        self.0.timeout.as_deref()
    }

    /// The id of the workflow that is started when a run fails.
    async fn error_workflow_id(&self) -> Option<ID> {
        self.0.error_workflow_id.clone().map(ID)
    }

    /// How many runs may be under way at the same time; null without a limit.
    async fn concurrency(&self) -> Option<Concurrency<'_>> {
        self.0.concurrency.as_ref().map(Concurrency)
    }

    /// Which of several runs that are due begins first; null for `NORMAL`.
    async fn priority(&self) -> Option<RunPriority> {
        Priority::parse(self.0.priority.as_deref()?).map(RunPriority::from)
    }
}

/// How many runs of a workflow may be under way at the same time.
struct Concurrency<'a>(&'a ConcurrencyDocument);

/// How many runs of a workflow may be under way at the same time.
#[Object]
impl Concurrency<'_> {
    /// At most so many.
    async fn limit(&self) -> i32 {
        i32::try_from(self.0.limit).unwrap_or(i32::MAX)
    }

    /// An expression: the limit holds for each of its values by itself.
    async fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// What becomes of a run for which there is no room.
    async fn on_full(&self) -> OnFull {
        let on_full = self.0.on_full.as_deref().unwrap_or_default();
        on_full.parse().unwrap_or(run::OnFull::Queue).into()
    }
}

/// One node of a workflow.
struct DefinitionNode<'a>(&'a NodeDocument);

/// One node of a workflow.
#[Object]
impl DefinitionNode<'_> {
    /// Its name within the definition, for edges and expressions.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Its node type, such as `api-endpoint`.
    #[graphql(name = "type")]
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What people call it.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Its config, without secrets.
    async fn config(&self) -> JsonScalar {
        Json::from(Value::Object(self.0.config.clone())).into()
    }

    /// The id of the connected app that it uses.
    async fn connected_app_id(&self) -> Option<ID> {
        self.0.connected_app_id.clone().map(ID)
    }

    /// The connected app that it uses; null when it uses none or that is gone.
    async fn connected_app(&self, ctx: &Context<'_>) -> Result<Option<ConnectedApp>> {
        let id = self
            .0
            .connected_app_id
            .as_ref()
            .and_then(|id| id.parse().ok());
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders()?.app.load(id).await?.map(ConnectedApp))
    }

    /// How often and when a failed attempt is repeated; null for the defaults.
    async fn retry(&self) -> Option<RetryPolicy<'_>> {
        self.0.retry.as_ref().map(RetryPolicy)
    }

    /// How long an attempt may take (ISO 8601); null for the default.
    async fn timeout(&self) -> Option<&str> {
        self.0.timeout.as_deref()
    }

    /// How often a trigger that asks a service is asked for news (ISO 8601); null for as often as its plugin says.
    async fn interval(&self) -> Option<&str> {
        self.0.interval.as_deref()
    }

    /// What to do with an attempt of which it is not known whether it took effect.
    async fn on_uncertain(&self) -> Option<OnUncertain> {
        OnUncertain::parse(self.0.on_uncertain.as_deref()?)
    }

    /// Where an editor shows it.
    async fn position(&self) -> Option<Position> {
        self.0.position.map(|position| Position {
            x: position.x,
            y: position.y,
        })
    }
}

/// How often and when a failed attempt is repeated.
struct RetryPolicy<'a>(&'a RetryDocument);

/// How often and when a failed attempt is repeated.
#[Object]
impl RetryPolicy<'_> {
    /// How often it is tried in all.
    async fn max_attempts(&self) -> Option<i32> {
        self.0
            .max_attempts
            .and_then(|attempts| i32::try_from(attempts).ok())
    }

    /// The pause after the first attempt (ISO 8601).
    async fn initial_delay(&self) -> Option<&str> {
        self.0.initial_delay.as_deref()
    }

    /// The longest pause (ISO 8601).
    async fn max_delay(&self) -> Option<&str> {
        self.0.max_delay.as_deref()
    }

    /// How the pause grows: `exponential`, `fixed`, or a factor.
    async fn backoff(&self) -> Option<JsonScalar> {
        self.0
            .backoff
            .clone()
            .map(|backoff| Json::from(backoff).into())
    }
}

/// What to do with an attempt that was under way when the server died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OnUncertain {
    /// Do it again, at the risk of doing it twice.
    Retry,
    /// Let the step fail.
    Fail,
    /// Ask a person.
    Ask,
}

impl OnUncertain {
    /// The spelling in a stored definition.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "RETRY",
            Self::Fail => "FAIL",
            Self::Ask => "ASK",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Retry, Self::Fail, Self::Ask]
            .into_iter()
            .find(|policy| policy.as_str() == text)
    }
}

/// A point on an editor's canvas.
#[derive(SimpleObject)]
struct Position {
    /// To the right.
    x: f64,
    /// Downwards.
    y: f64,
}

/// A way from one node to another.
struct DefinitionEdge<'a>(&'a EdgeDocument);

/// A way from one node to another.
#[Object]
impl DefinitionEdge<'_> {
    /// The key of the node that it leaves.
    async fn from(&self) -> &str {
        &self.0.from
    }

    /// The output port that it leaves by.
    async fn from_port(&self) -> &str {
        &self.0.from_port
    }

    /// The key of the node that it enters.
    async fn to(&self) -> &str {
        &self.0.to
    }

    /// The input port that it enters by.
    async fn to_port(&self) -> &str {
        &self.0.to_port
    }
}
