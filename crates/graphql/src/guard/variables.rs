use async_graphql::{Value, Variables};

use super::{GuardError, Limits};

/// Counts the values in variables, so that no list of them keeps the server busy for long.
///
/// # Errors
///
/// When there are too many.
pub fn measure_variables(variables: &Variables, limits: &Limits) -> Result<(), GuardError> {
    let mut found = 0;
    let mut left: Vec<&Value> = variables.values().collect();
    while let Some(value) = left.pop() {
        found += 1;
        GuardError::check("values in its variables", found, limits.values as u64)?;
        match value {
            Value::List(items) => left.extend(items),
            Value::Object(members) => left.extend(members.values()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_within_lists_count() {
        let limits = Limits {
            values: 6,
            ..Limits::default()
        };
        let measured = |value| measure_variables(&Variables::from_json(value), &limits);

        assert_eq!(measured(json!({"a": [[1, 2], 3]})), Ok(()));
        let refused = measured(json!({"a": [[1, 2], {"b": 3}], "c": null})).unwrap_err();
        insta::assert_snapshot!(refused, @"The document has 7 values in its variables; at most 6 are allowed.");
    }
}
