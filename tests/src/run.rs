//! Looks into the run that a query returned.

use serde_json::Value;

/// The step of a node; null when the node has not been reached.
#[must_use]
pub fn step<'a>(run: &'a Value, node_key: &str) -> &'a Value {
    let steps = run["steps"].as_array().into_iter().flatten();
    steps
        .into_iter()
        .find(|step| step["nodeKey"] == node_key)
        .unwrap_or(&Value::Null)
}

/// Each step's node and status, such as `notify SUCCEEDED`, in the order of the answer.
#[must_use]
pub fn steps(run: &Value) -> Vec<String> {
    let steps = run["steps"].as_array().into_iter().flatten();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    steps
        .map(|step| format!("{} {}", word(&step["nodeKey"]), word(&step["status"])))
        .collect()
}
