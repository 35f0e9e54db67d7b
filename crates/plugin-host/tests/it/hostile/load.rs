use serde_json::json;

use super::collection::{compile, open};
use crate::world::{World, call, shown};

/// Each is listed with the reason, takes nothing along, and leaves the good one at work.
#[tokio::test]
async fn what_cannot_be_loaded_says_why() {
    let plugins = compile(|case| case.at_load);
    let host = open(&plugins, |_| ()).await;
    let listed: String = host
        .plugins()
        .iter()
        .map(|plugin| match plugin.error() {
            Some(error) => format!("{}\n", plugins.shown(error)),
            None => format!("{} is ready\n", plugin.name()),
        })
        .collect();
    insta::assert_snapshot!(listed, @"");
    let good = call(&host, &World::default(), "good", json!({})).await;
    assert_eq!(shown(good), r#""good""#);
}
