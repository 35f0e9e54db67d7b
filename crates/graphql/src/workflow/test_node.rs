use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::StartRuns;
use jackfield_workflows as workflows;
use jackfield_workflows::expression::Sample;
use serde_json::{Value, json};

use super::outcome::outcome;
use crate::context::ContextExt;
use crate::errors::{UserError, internal};
use crate::expression::ExpressionScopeInput;
use crate::scalars::{Duration, JsonScalar};

/// The mutation `testNode`.
#[derive(Default)]
pub struct TestNode;

/// What `testNode` takes.
#[derive(InputObject)]
struct TestNodeInput {
    /// The node's type.
    #[graphql(name = "type")]
    kind: String,
    /// Its config; strings may hold expressions.
    config: Option<JsonScalar>,
    /// The id of the connected app that it uses.
    connected_app_id: Option<ID>,
    /// How long it may take, at most five minutes; 30 seconds by default.
    timeout: Option<Duration>,
    /// What comes in through its input port.
    input: Option<JsonScalar>,
    /// The run whose data its expressions see.
    run_id: Option<ID>,
    /// What its expressions see besides, or instead.
    scope: Option<ExpressionScopeInput>,
}

/// What `testNode` answers.
#[derive(SimpleObject)]
struct TestNodePayload {
    /// What the node did; null when there are user errors.
    result: Option<TestedNode>,
    /// What has to change in the input; empty when the node was executed.
    user_errors: Vec<UserError>,
}

/// What a node did that was tried out.
#[derive(SimpleObject)]
struct TestedNode {
    /// Its config with all expressions resolved; null when one could not be.
    input: Option<JsonScalar>,
    /// What it returned; null when it failed.
    output: Option<JsonScalar>,
    /// The port by which it left; null when it failed.
    port: Option<String>,
    /// What went wrong, with the members `code` and `message`; null when nothing did.
    error: Option<JsonScalar>,
}

#[Object]
impl TestNode {
    /// Executes one node once, in the real plugin and with the real connected app, and saves nothing. What it does outside,
    /// it does.
    async fn test_node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The node, and what it is tried on.")] input: TestNodeInput,
    ) -> Result<TestNodePayload> {
        let permit = ctx.permit::<StartRuns>()?;
        let workflows = &ctx.services()?.workflows;
        let refused = |error| TestNodePayload {
            result: None,
            user_errors: vec![error],
        };
        let found = match &input.run_id {
            None => Some(Sample::default()),
            Some(id) => match id.parse() {
                Ok(id) => {
                    let found = workflows.sample(&permit.read(), id, None).await;
                    outcome(found)?.0.flatten()
                }
                Err(_) => None,
            },
        };
        let Some(mut sample) = found else {
            return Ok(refused(UserError::not_found("runId", "run")));
        };
        let node = input.node();
        let read = permit.read();
        let variables = workflows.variables_document(&read);
        sample.vars = variables.await.map_err(internal)?;
        input.scope.unwrap_or_default().fill(&mut sample);
        let test = workflows::TestNode {
            node,
            input: input.input.map_or(Value::Null, |input| input.0.value()),
            sample,
        };
        let (tested, user_errors) = outcome(workflows.test_node(&permit, test).await)?;
        Ok(TestNodePayload {
            result: tested.map(TestedNode::from),
            user_errors,
        })
    }
}

impl TestNodeInput {
    fn node(&self) -> Value {
        let config = self
            .config
            .as_ref()
            .map_or(json!({}), |config| config.0.value());
        let mut node = json!({"type": self.kind, "config": config});
        if let Some(app) = &self.connected_app_id {
            node["connectedAppId"] = app.as_str().into();
        }
        if let Some(timeout) = &self.timeout {
            node["timeout"] = timeout.0.to_string().into();
        }
        node
    }
}

impl From<workflows::TestedNode> for TestedNode {
    fn from(tested: workflows::TestedNode) -> Self {
        let error = tested
            .error
            .map(|(code, message)| json!({"code": code, "message": message}));
        Self {
            input: tested.config.map(JsonScalar),
            output: tested.output.map(JsonScalar),
            port: tested.port,
            error: error.map(|error| JsonScalar(error.into())),
        }
    }
}
