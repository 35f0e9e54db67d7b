//! `for-each`: does something once for each item of a list.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Behaviour, Category, NodeType, Port};
use crate::definition::{DATA_IN, DATA_OUT, ITEM};

/// The most items of one list.
pub(crate) const MAX_ITEMS: usize = 10_000;

/// The most items that are worked on at the same time.
const MAX_CONCURRENCY: u32 = 50;

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Executes what hangs on the port `item` once for each item of a list; there, the item is \
                      steps.<key>.output.item and its number, from 0, steps.<key>.output.index. When all items are over it \
                      goes on by `data-out`. An item that fails does not keep the others from being done."
            .to_owned(),
        inputs: vec![Port::new(DATA_IN, "Executes the node when what leads here is done.")],
        outputs: vec![
            Port::new(ITEM, "Each item, one by one or several at once. What hangs here may not lead out again."),
            Port::new(DATA_OUT, "What came of the items: results in their order, null for an item that failed, and errors."),
            Port::error(),
        ],
        config_schema: json!({
            "type": "object",
            "required": ["items"],
            "additionalProperties": false,
            "properties": {
                "items": {
                    "type": "array", "title": "Items", "maxItems": MAX_ITEMS,
                    "description": "The list: {{ trigger.body.lines }}.",
                },
                "concurrency": {
                    "type": "integer", "minimum": 1, "maximum": MAX_CONCURRENCY, "default": 1, "title": "At the same time",
                    "description": "How many items are worked on at the same time; one after the other by default.",
                },
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object",
            "required": ["results", "errors", "count"],
            "properties": {
                "results": {
                    "type": "array",
                    "description": "What the last step for each item returned, in the order of the items; null for an item that failed.",
                },
                "errors": {
                    "type": "array",
                    "items": {"type": "object", "properties": {
                        "index": {"type": "integer"}, "code": {"type": "string"}, "message": {"type": "string"}, "nodeKey": {"type": "string"},
                    }},
                },
                "count": {"type": "integer"},
            },
        }).into()),
        ..NodeType::built_in("for-each", "For each", "repeat", Category::Logic, Behaviour::Each)
    }
}

/// What an evaluated config asks for.
#[derive(Debug, PartialEq)]
pub(crate) struct Each {
    pub items: Vec<Json>,
    pub concurrency: u32,
}

/// Reads an evaluated config; the error is a sentence about it.
pub(crate) fn read(config: Json) -> Result<Each, String> {
    #[derive(Deserialize)]
    struct Config {
        items: Json,
        #[serde(default)]
        concurrency: Option<Json>,
    }
    let config: Config = serde_json::from_value(config).map_err(|error| error.to_string())?;
    let Json::Array(items) = config.items else {
        return Err("config.items is not a list".to_owned());
    };
    if items.len() > MAX_ITEMS {
        return Err(format!(
            "config.items has {} items, but a list may have at most {MAX_ITEMS}",
            items.len()
        ));
    }
    let concurrency = match config.concurrency {
        None | Some(Json::Null) => 1,
        Some(given) => given
            .as_u64()
            .filter(|count| (1..=u64::from(MAX_CONCURRENCY)).contains(count))
            .and_then(|count| u32::try_from(count).ok())
            .ok_or_else(|| {
                format!("config.concurrency is not a whole number from 1 to {MAX_CONCURRENCY}")
            })?,
    };
    Ok(Each { items, concurrency })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_wanted() {
        let error = |config| read(config).unwrap_err();
        assert_eq!(error(json!({"items": "a,b"})), "config.items is not a list");
        assert_eq!(
            error(json!({"items": vec![0; MAX_ITEMS + 1]})),
            "config.items has 10001 items, but a list may have at most 10000"
        );
        assert_eq!(
            error(json!({"items": [], "concurrency": 0})),
            "config.concurrency is not a whole number from 1 to 50"
        );
        assert_eq!(
            read(json!({"items": [1, "b"]})),
            Ok(Each {
                items: vec![json!(1), json!("b")],
                concurrency: 1
            })
        );
    }
}
