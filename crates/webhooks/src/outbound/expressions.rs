//! Expressions about events, in the language of those who know workflows. They never see each other: the server hands it over.

use std::sync::Arc;

use jackfield_storage::{Json, Timestamp, ids::EventId};
use serde_json::{Value, json};

use super::courier::Shared;

/// The expression language.
pub trait Expressions: Send + Sync + 'static {
    /// Compiles the expressions in the strings of a JSON value.
    ///
    /// # Errors
    ///
    /// A sentence for whoever wrote it.
    fn compile(&self, template: &Value) -> Result<Arc<dyn Compiled>, String>;
}

/// A JSON value with expressions in it.
pub trait Compiled: Send + Sync + 'static {
    /// What it comes to as JSON text, with `event` in scope.
    ///
    /// # Errors
    ///
    /// A sentence that says why it comes to nothing.
    fn evaluate(&self, event: &Value) -> Result<String, String>;

    /// Whether what it comes to counts as true.
    ///
    /// # Errors
    ///
    /// The same.
    fn holds(&self, event: &Value) -> Result<bool, String>;
}

impl Shared {
    /// Compiles a filter, which must be one expression and nothing else.
    pub(super) fn compile_filter(&self, filter: &str) -> Result<Arc<dyn Compiled>, String> {
        let text = filter.trim();
        if !(text.starts_with("{{") && text.ends_with("}}")) {
            return Err(
                "A filter is one expression, such as {{ event.data.cents > 1000 }}.".into(),
            );
        }
        self.config.expressions.compile(&Value::from(text))
    }
}

/// What expressions see as `event`.
pub(super) fn event(id: EventId, event_type: &str, data: &Json, occurred_at: Timestamp) -> Value {
    json!({"id": id, "type": event_type, "data": data.value(), "occurredAt": occurred_at})
}
