//! Which subscriptions can be shared: those that show what happens, the same to everybody who may see it.

use async_graphql::parser::types::{OperationDefinition, Selection};
use async_graphql::{Name, Value, Variables};

/// The subscriptions that begin at the tip of the log unless `after` is given.
const SHARED: [&str; 2] = ["events", "deliveryUpdates"];

/// Where a subscriber begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// With what happens from now on.
    Tip,
    /// After the cursor in this variable.
    After(Name),
}

/// Where a subscription that can be shared begins; nothing for any other operation.
pub(super) fn begin(operation: &OperationDefinition, variables: &Variables) -> Option<Begin> {
    let [selection] = operation.selection_set.node.items.as_slice() else {
        return None;
    };
    let Selection::Field(field) = &selection.node else {
        return None;
    };
    if !SHARED.contains(&field.node.name.node.as_str()) {
        return None;
    }
    let Some(after) = field.node.get_argument("after") else {
        return Some(Begin::Tip);
    };
    let mut variable = None;
    let given = after.node.clone().into_const_with(|name| {
        variable = Some(name);
        Ok::<_, std::convert::Infallible>(Value::Null)
    });
    let Ok(Value::Null) = given else {
        return None;
    };
    let Some(name) = variable else {
        return Some(Begin::Tip);
    };
    let has_default = operation.variable_definitions.iter().any(|defined| {
        let defined = &defined.node;
        defined.name.node == name && defined.default_value.is_some()
    });
    match variables.get(&name) {
        _ if has_default => None,
        None | Some(Value::Null) => Some(Begin::Tip),
        Some(_) => Some(Begin::After(name)),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::DocumentOperations;
    use serde_json::json;

    use super::*;

    fn begins(document: &str, variables: serde_json::Value) -> Option<Begin> {
        let document = parse_query(document).unwrap();
        let DocumentOperations::Single(operation) = &document.operations else {
            panic!("one operation");
        };
        begin(&operation.node, &Variables::from_json(variables))
    }

    #[test]
    fn what_begins_at_the_tip_is_shared() {
        let with_variable = "subscription($from: String) { events(after: $from) { cursor } }";
        assert_eq!(
            begins("subscription { events { cursor } }", json!({})),
            Some(Begin::Tip)
        );
        assert_eq!(
            begins(with_variable, json!({"from": null})),
            Some(Begin::Tip)
        );
        assert_eq!(
            begins(with_variable, json!({"from": "x"})),
            Some(Begin::After(Name::new("from")))
        );
    }

    #[test]
    fn anything_else_is_not() {
        for document in [
            "subscription { runUpdates(runId: 1) { cursor } }",
            r#"subscription { events(after: "x") { cursor } }"#,
            r#"subscription($from: String = "x") { events(after: $from) { cursor } }"#,
            "subscription { ...All } fragment All on Subscription { events { cursor } }",
            "{ events { nodes { id } } viewer { id } }",
        ] {
            assert_eq!(begins(document, json!({})), None, "{document}");
        }
    }
}
