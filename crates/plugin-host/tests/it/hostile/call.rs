use futures_util::{StreamExt, stream};
use jackfield_plugin_host::Host;
use serde_json::json;

use super::collection::{cases, compile, open};
use crate::world::{World, call, shown};

/// How many calls go on at a time.
const TOGETHER: usize = 8;

async fn harm(host: &Host, name: &str) -> String {
    let url = match name {
        "private_address" => "http://10.0.0.1/",
        _ => "https://elsewhere.example/",
    };
    let done = call(host, &World::default(), name, json!({"url": url})).await;
    format!("{name}: {}\n", shown(done))
}

/// Each call ends with a named error, and the good plugin works after each.
#[tokio::test]
async fn whoever_does_harm_fails_alone() {
    let plugins = compile(|case| !case.at_load);
    let host = open(&plugins, |_| ()).await;
    let names = cases().filter(|case| !case.at_load).map(|case| case.name);
    let harm = |name| {
        let host = &host;
        async move {
            let done = harm(host, name).await;
            let good = call(host, &World::default(), "good", json!({})).await;
            assert_eq!(shown(good), r#""good""#, "after {name}");
            done
        }
    };
    let told: Vec<String> = stream::iter(names).map(harm).buffered(TOGETHER).collect().await;
    insta::assert_snapshot!(told.concat(), @"");
}
