use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::world::{BOTH, Plugins, World, call, shown};

#[tokio::test]
async fn a_call_that_is_given_up_is_told_so() {
    let plugins = Plugins::new().desk(&[]);
    for isolation in BOTH {
        for mode in [
            json!({"mode": "wait"}),
            json!({"mode": "wait", "stubborn": 1}),
        ] {
            let host = plugins.host(isolation).await;
            let world = Arc::new(World::default());
            let waiting = tokio::spawn({
                let (host, world) = (host.clone(), world.clone());
                async move { shown(call(&host, &world, "desk", mode).await) }
            });
            while world.said.lock().is_empty() {
                tokio::task::yield_now().await;
            }
            waiting.abort();
            assert!(waiting.await.unwrap_err().is_cancelled());
            let mut told = String::from("null");
            while told == "null" {
                tokio::time::sleep(Duration::from_millis(5)).await;
                told = shown(call(&host, &world, "desk", json!({"mode": "report"})).await);
            }
            insta::allow_duplicates! {
                insta::assert_snapshot!(told, @r#"{"events":[{"cancel":{"reason":"the call is no longer wanted"}},{"id":7,"err":{"code":"CANCELLED","message":"the call is no longer wanted","retryable":false}}]}"#);
            }
        }
    }
}
