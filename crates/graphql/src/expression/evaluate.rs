use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use jackfield_storage::Json;
use jackfield_storage::access::Read;
use jackfield_workflows::expression::{ExpressionError, Sample, to_json};
use serde_json::Value;

use crate::context::ContextExt;
use crate::errors::{Code, internal};
use crate::scalars::JsonScalar;

/// The largest config that is evaluated for an editor, in bytes of JSON.
const MAX_CONFIG: usize = 256 * 1024;

/// The query `evaluateExpression`.
#[derive(Default)]
pub struct EvaluateExpression;

/// What an expression sees. What is not given is taken from the run, or is an empty object.
#[derive(InputObject, Default)]
pub struct ExpressionScopeInput {
    /// What started the run: `body`, `headers`, `query`, `event`.
    trigger: Option<JsonScalar>,
    /// Objects with `output` and `port`, by the key of the node.
    steps: Option<JsonScalar>,
    /// Facts about the run: `id`, `workflowId`, `createdAt`.
    run: Option<JsonScalar>,
    /// The workspace's variables.
    vars: Option<JsonScalar>,
}

/// What an expression came to.
#[derive(SimpleObject)]
struct EvaluatedExpression {
    /// The value; null when there are errors, or when it is null.
    value: Option<JsonScalar>,
    /// What the value is; null when there are errors.
    #[graphql(name = "type")]
    kind: Option<ExpressionType>,
    /// Every expression that does not parse; if all do, the one that could not be evaluated.
    errors: Vec<ExpressionProblem>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum ExpressionType {
    /// Nothing.
    Null,
    /// True or false.
    Boolean,
    /// A number.
    Number,
    /// A text.
    String,
    /// A list.
    List,
    /// An object.
    Object,
}

/// What is wrong with an expression, and where.
#[derive(SimpleObject)]
struct ExpressionProblem {
    /// A sentence for people that says what to do.
    message: String,
    /// The names and positions that lead from the config to the string; empty when it is the string itself.
    path: Vec<String>,
    /// The first faulty character of the string, counted from 1.
    position: usize,
    /// Its line, counted from 1.
    line: usize,
    /// Its place within the line, counted in characters from 1.
    column: usize,
}

#[Object]
impl EvaluateExpression {
    /// Shows what an expression comes to, or a whole config: on the data of an earlier run, on JSON of the caller's, or on both.
    /// Nothing is saved and nothing is called.
    async fn evaluate_expression(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A string with expressions between `{{` and `}}`, or any JSON with such strings in it."
        )]
        expression: JsonScalar,
        #[graphql(desc = "The run whose data is seen.")] run_id: Option<ID>,
        #[graphql(desc = "Only the steps of the run that come before the node with this key.")]
        node_key: Option<String>,
        #[graphql(desc = "What is seen besides, or instead.")] scope: Option<ExpressionScopeInput>,
    ) -> Result<EvaluatedExpression> {
        ctx.permit::<Read>()?;
        if expression.0.as_str().len() > MAX_CONFIG {
            let message = format!("`expression` may have at most {MAX_CONFIG} bytes.");
            return Err(Code::BadUserInput.error(message));
        }
        let sample = sample(ctx, run_id, node_key.as_deref(), scope).await?;
        let config = expression.0.value();
        // Computing takes at most a blink, but that blink is not for the threads that answer everybody else.
        let evaluated = tokio::task::spawn_blocking(move || evaluate(&sample, &config)).await;
        evaluated.map_err(internal)?
    }
}

/// What an expression is tried on: the data of a run, the workspace's variables, and what is given.
///
/// # Errors
///
/// `NOT_FOUND` when there is no such run.
pub async fn sample(
    ctx: &Context<'_>,
    run_id: Option<ID>,
    node_key: Option<&str>,
    scope: Option<ExpressionScopeInput>,
) -> Result<Sample> {
    let permit = ctx.permit::<Read>()?;
    let workflows = &ctx.services()?.workflows;
    let not_found = || Code::NotFound.error("There is no such run in this workspace.");
    let mut sample = match run_id {
        Some(id) => {
            let id = id.parse().map_err(|_| not_found())?;
            let found = workflows.sample(&permit, id, node_key).await;
            found.map_err(internal)?.ok_or_else(not_found)?
        }
        None => Sample::default(),
    };
    let variables = workflows.variables_document(&permit).await;
    sample.vars = variables.map_err(internal)?;
    scope.unwrap_or_default().fill(&mut sample);
    Ok(sample)
}

impl ExpressionScopeInput {
    /// Puts what is given in the place of what the sample holds.
    pub fn fill(self, sample: &mut Sample) {
        for (given, place) in [
            (self.trigger, &mut sample.trigger),
            (self.steps, &mut sample.steps),
            (self.run, &mut sample.run),
            (self.vars, &mut sample.vars),
        ] {
            if let Some(given) = given {
                *place = given.0.value();
            }
        }
    }
}

fn evaluate(sample: &Sample, config: &Value) -> Result<EvaluatedExpression> {
    let written = match sample.evaluate_all(config) {
        Ok(value) => to_json(&value),
        Err(errors) => return Ok(faulty(errors.into_iter().map(Into::into).collect())),
    };
    let json = match written {
        Ok(text) => Json::check(text).map_err(internal)?,
        Err(message) => return Ok(faulty(vec![ExpressionProblem::of_the_whole(message)])),
    };
    let kind = match json.as_str().as_bytes().first() {
        Some(b'n') => ExpressionType::Null,
        Some(b't' | b'f') => ExpressionType::Boolean,
        Some(b'"') => ExpressionType::String,
        Some(b'[') => ExpressionType::List,
        Some(b'{') => ExpressionType::Object,
        _ => ExpressionType::Number,
    };
    Ok(EvaluatedExpression {
        value: Some(json.into()),
        kind: Some(kind),
        errors: Vec::new(),
    })
}

fn faulty(errors: Vec<ExpressionProblem>) -> EvaluatedExpression {
    EvaluatedExpression {
        value: None,
        kind: None,
        errors,
    }
}

impl ExpressionProblem {
    fn of_the_whole(message: String) -> Self {
        Self {
            message,
            path: Vec::new(),
            position: 1,
            line: 1,
            column: 1,
        }
    }
}

impl From<ExpressionError> for ExpressionProblem {
    fn from(error: ExpressionError) -> Self {
        Self {
            message: error.message,
            path: error.field,
            position: error.position,
            line: error.line,
            column: error.column,
        }
    }
}
