//! The expression language of workflows, for webhooks.

use std::sync::Arc;

use jackfield_webhooks::outbound::{Compiled, Expressions};
use jackfield_workflows::expression::{InScope, Template, Value, from_json, to_json};

/// Compiles what filters and transformations of webhook endpoints say.
pub struct Language;

struct Ready(Template);

impl Expressions for Language {
    fn compile(&self, template: &serde_json::Value) -> Result<Arc<dyn Compiled>, String> {
        let parsed = Template::parse_in(template, InScope::Event).map_err(|errors| {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            all.join("; ")
        })?;
        Ok(Arc::new(Ready(parsed)))
    }
}

impl Ready {
    fn value(&self, event: &serde_json::Value) -> Result<Value, String> {
        let scope = Value::from_pairs([("event", from_json(event))]);
        let value = self.0.evaluate_with(&scope);
        value.map_err(|error| error.to_string())
    }
}

impl Compiled for Ready {
    fn evaluate(&self, event: &serde_json::Value) -> Result<String, String> {
        to_json(&self.value(event)?)
    }

    fn holds(&self, event: &serde_json::Value) -> Result<bool, String> {
        Ok(self.value(event)?.is_true())
    }
}
