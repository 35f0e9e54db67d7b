use jackfield_plugin_abi::messages::{CallError, code};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Response, Result};

/// The value at a dotted path such as `Fault.Error[0].code`; an empty path is the value itself.
pub(crate) fn value_at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let steps = path.split(['.', '[']).filter(|step| !step.is_empty());
    steps
        .map(|step| step.trim_end_matches(']'))
        .try_fold(value, |value, step| match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            value => value.get(step),
        })
        .filter(|value| !value.is_null())
}

/// The body as a value: null when there is none, a text when it is no JSON.
pub(super) fn value_of(response: &Response) -> Value {
    match response.bytes() {
        [] => Value::Null,
        _ => response
            .json()
            .unwrap_or_else(|_| Value::String(response.text())),
    }
}

/// Reads an answer as what an operation returns.
///
/// # Errors
/// [`code::UNEXPECTED_RESPONSE`] with the place, when it is no `T`.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = match error.path().to_string().as_str() {
            "." | "?" => String::new(),
            path => format!(" at {path}"),
        };
        let message = format!(
            "The answer is not as expected{place}: {}.",
            error.into_inner()
        );
        CallError::new(code::UNEXPECTED_RESPONSE, message)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let value = json!({"Fault": {"Error": [{"code": "610"}], "type": null}});
        assert_eq!(value_at(&value, "Fault.Error[0].code"), Some(&json!("610")));
        assert_eq!(value_at(&value, "Fault.Error.0.code"), Some(&json!("610")));
        assert_eq!(value_at(&value, ""), Some(&value));
        for absent in ["Fault.Error[1]", "Fault.type", "fault", "Fault.Error.code"] {
            assert_eq!(value_at(&value, absent), None, "{absent}");
        }
    }
}
