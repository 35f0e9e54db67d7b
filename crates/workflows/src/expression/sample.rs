//! A config evaluated outside of a run: for editors that show what an expression comes to.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};
use serde_json::Value as Json;

use super::scope::NAMES;
use super::{ExpressionError, Template, from_json, meter};

/// What an expression is tried on: JSON for each of the names in scope.
#[derive(Debug, Clone)]
pub struct Sample {
    /// `trigger`.
    pub trigger: Json,
    /// `steps`: objects with `output` and `port` by the key of the node.
    pub steps: Json,
    /// `run`.
    pub run: Json,
    /// `vars`.
    pub vars: Json,
}

impl Default for Sample {
    fn default() -> Self {
        let empty = || Json::Object(serde_json::Map::new());
        Sample {
            trigger: empty(),
            steps: empty(),
            run: empty(),
            vars: empty(),
        }
    }
}

impl Sample {
    /// Parses `config`, any JSON whose strings may hold expressions, and evaluates it.
    ///
    /// # Errors
    ///
    /// Every expression that does not parse; if all do, the first that cannot be evaluated.
    pub fn evaluate_all(&self, config: &Json) -> Result<Value, Vec<ExpressionError>> {
        let template = Template::parse(config)?;
        let scope = self.scope();
        template.evaluate_in(&scope).map_err(|error| vec![error])
    }

    /// What expressions see, with nothing of their budget used up.
    pub fn scope(&self) -> Value {
        meter::fresh(Value::from_object(Names {
            trigger: from_json(&self.trigger),
            steps: from_json(&self.steps),
            run: from_json(&self.run),
            vars: from_json(&self.vars),
        }))
    }

    /// The same with the first error only.
    #[cfg(test)]
    pub(super) fn evaluate(&self, config: &Json) -> Result<Value, ExpressionError> {
        self.evaluate_all(config)
            .map_err(|mut errors| errors.remove(0))
    }
}

/// The names in scope.
#[derive(Debug)]
struct Names {
    trigger: Value,
    steps: Value,
    run: Value,
    vars: Value,
}

impl Object for Names {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "trigger" => Some(self.trigger.clone()),
            "steps" => Some(self.steps.clone()),
            "run" => Some(self.run.clone()),
            "vars" => Some(self.vars.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&NAMES)
    }
}
