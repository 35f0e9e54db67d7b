//! What expressions can see.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

use super::meter;
use crate::definition::Definition;

/// What one step has to show to the steps after it.
#[derive(Debug, Clone)]
pub struct StepOutput {
    /// What the step returned.
    pub output: Value,
    /// The port that it left by.
    pub port: Arc<str>,
}

/// The names an expression can use:
///
/// - `trigger`: what started the run (`body`, `headers`, `query`, `event`; for a manual start, the input as `body`).
/// - `steps.<key>.output` and `.port`: what the finished steps returned, and the port they left by.
/// - `run`: `id`, `workflowId`, `createdAt`.
/// - `vars`: the workspace's variables.
/// - `event`: the event that is looked at, in the filter of a `wait-for-event` node and nowhere else.
///
/// Values are shared, not copied: making a scope costs a few reference counts.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The definition whose node keys `steps` is read by.
    pub definition: Arc<Definition>,
    /// What started the run.
    pub trigger: Value,
    /// The finished steps, by the index of their node.
    pub steps: Arc<Vec<Option<StepOutput>>>,
    /// Facts about the run itself.
    pub run: Value,
    /// The workspace's variables.
    pub vars: Value,
    /// The event that is looked at, in the filter of `wait-for-event` only.
    pub event: Option<Value>,
}

/// The names in scope.
pub(super) const NAMES: [&str; 4] = ["trigger", "steps", "run", "vars"];

/// The name of the event that a filter looks at.
pub(super) const EVENT: &str = "event";

/// What an expression may read, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InScope {
    /// In the config of a node: the run so far.
    Run,
    /// In the filter of `wait-for-event`: the event besides.
    RunAndEvent,
    /// In a webhook endpoint: only the event.
    Event,
}

impl InScope {
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Run => &NAMES,
            Self::RunAndEvent => &["trigger", "steps", "run", "vars", EVENT],
            Self::Event => &[EVENT],
        }
    }
}

impl Scope {
    /// The scope as expressions see it, with nothing of their budget used up.
    pub fn value(self: &Arc<Self>) -> Value {
        meter::fresh(Value::from_dyn_object(self.clone()))
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "trigger" => Some(self.trigger.clone()),
            "steps" => Some(Value::from_object(Steps(self.clone()))),
            "run" => Some(self.run.clone()),
            "vars" => Some(self.vars.clone()),
            EVENT => self.event.clone(),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&NAMES)
    }
}

/// `steps` in an expression.
#[derive(Debug)]
struct Steps(Arc<Scope>);

impl Object for Steps {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let node = self.0.definition.node_named(key)?;
        let step = self.0.steps.get(node.index())?.clone()?;
        Some(Value::from_object(Step(step)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let finished = self.0.definition.nodes().filter_map(|(index, node)| {
            self.0.steps.get(index.index())?.as_ref()?;
            Some(Value::from(node.key.as_str()))
        });
        Enumerator::Values(finished.collect())
    }
}

/// `steps.<key>` in an expression.
#[derive(Debug)]
struct Step(StepOutput);

impl Object for Step {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "output" => Some(self.0.output.clone()),
            "port" => Some(Value::from(self.0.port.clone())),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["output", "port"])
    }
}
