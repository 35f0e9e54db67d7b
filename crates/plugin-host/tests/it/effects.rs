use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::world::{BOTH, Plugins, World, call, puppet, shown};

fn ask(effects: Value) -> Value {
    json!({"mode": "ask", "effects": effects})
}

#[tokio::test]
async fn effects_are_performed_and_answered() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let world = World::default();
        world
            .blobs
            .lock()
            .push((Bytes::from_static(b"0123456789"), "text/plain".into()));
        let asked = ask(json!([
            {"log": {"level": "warn", "message": "careful", "fields": {"n": 1}}},
            {"progress": {"fraction": 0.5, "message": "half"}},
            {"id": 1, "now": {}},
            {"id": 2, "random": {"len": 3}},
            {"id": 3, "random": {"len": 5000}},
            {"id": 4, "teleport": {"to": "mars"}},
        ]));
        let done = shown(call(&host, &world, "puppet", asked).await);
        insta::allow_duplicates! {
            insta::assert_snapshot!(done, @r#"{"turns":[{"events":[{"id":1,"ok":{"unixMicros":1700000000000000}},{"id":2,"ok":{"bytes":{"$bin":[0,3]}}},{"id":3,"err":{"code":"TOO_LARGE","message":"at most 1024 random bytes at a time, not 5000","retryable":false}},{"id":4,"err":{"code":"UNSUPPORTED","message":"this server does not know the effect \"teleport\"","retryable":false}}]}],"bytes":3}"#);
            insta::assert_snapshot!(world.said.lock().join("\n"), @r#"
            Warn careful {"n":1}
            Some(0.5) Some("half")
            "#);
        }
        let asked = ask(json!([{"id": 9, "blob.read": {"id": "blob_1", "offset": 8, "len": 100}}]));
        let done = shown(call(&host, &world, "puppet", asked).await);
        insta::allow_duplicates! {
            insta::assert_snapshot!(done, @r#"{"turns":[{"events":[{"id":9,"ok":{"bytes":{"$bin":[0,2]},"size":10,"contentType":"text/plain"}}]}],"bytes":2}"#);
        }
        let asked = ask(json!([{"id": 9, "blob.read": {"id": "blob_7", "len": 1}}]));
        let done = shown(call(&host, &world, "puppet", asked).await);
        insta::allow_duplicates! {
            insta::assert_snapshot!(done, @r#"{"turns":[{"events":[{"id":9,"err":{"code":"INVALID_REQUEST","message":"there is no blob_7","retryable":false}}]}],"bytes":0}"#);
        }
    }
}

#[tokio::test]
async fn a_signature_is_verified_without_showing_the_key() {
    let plugins = Plugins::new().puppet(None);
    let host = plugins.host(BOTH[0]).await;
    // HMAC-SHA256 of "hello" with the key "default.secret", by openssl.
    let good = "72c5f196341a9717f6d4efd64c095713aa76b1ccbbf5642f2ebbc3c934aaa704";
    for (signature, valid) in [(good, true), ("00", false), ("no hex", false)] {
        let asked = ask(
            json!([{"id": 1, "hmac.verify": {"algorithm": "sha256", "credential": "default", "field": "secret",
            "message": {"$bin": [0, 5]}, "signature": signature, "encoding": "hex"}}]),
        );
        let done = puppet(&host, asked).await;
        assert_eq!(
            done,
            format!(
                r#"{{"turns":[{{"events":[{{"id":1,"ok":{{"valid":{valid}}}}}]}}],"bytes":0}}"#
            )
        );
    }
    let asked = ask(
        json!([{"id": 1, "hmac.verify": {"algorithm": "sha256", "credential": "other", "field": "secret",
        "message": {"$bin": [0, 5]}, "signature": "", "encoding": "hex"}}]),
    );
    insta::assert_snapshot!(puppet(&host, asked).await, @r#"{"turns":[{"events":[{"id":1,"err":{"code":"NO_CREDENTIAL","message":"the call has no credential \"other\"; select a connected app for the node","retryable":false}}]}],"bytes":0}"#);
}

#[tokio::test]
async fn several_effects_are_in_flight_and_answered_as_they_end() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let asked = ask(json!([{"id": 1, "sleep": {"ms": 60}}, {"id": 2, "sleep": {"ms": 1}}]));
        let done = puppet(&host, asked).await;
        assert_eq!(
            done,
            r#"{"turns":[{"events":[{"id":2,"ok":{}}]},{"events":[{"id":1,"ok":{}}]}],"bytes":0}"#
        );
    }
}

#[tokio::test]
async fn many_calls_share_one_child() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let world = Arc::new(World::default());
        let calls = (0..200).map(|n| {
            let (host, world) = (host.clone(), world.clone());
            tokio::spawn(async move {
                let asked = ask(json!([{"id": n + 1, "sleep": {"ms": n % 7}}]));
                let done = shown(call(&host, &world, "puppet", asked).await);
                let id = n + 1;
                assert_eq!(
                    done,
                    format!(r#"{{"turns":[{{"events":[{{"id":{id},"ok":{{}}}}]}}],"bytes":0}}"#)
                );
            })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap();
        }
        assert_eq!(
            puppet(&host, json!({"mode": "count"})).await,
            r#"{"opened":201,"closed":200}"#
        );
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_is_closed_once() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let world = Arc::new(World::default());
        let waiting = tokio::spawn({
            let (host, world) = (host.clone(), world.clone());
            async move {
                let asked = json!([{"log": {"level": "info", "message": "on it"}}, {"id": 1, "sleep": {"ms": 3_600_000}}]);
                call(&host, &world, "puppet", ask(asked)).await
            }
        });
        while world.said.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            puppet(&host, json!({"mode": "count"})).await,
            r#"{"opened":2,"closed":0}"#
        );
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        assert_eq!(
            puppet(&host, json!({"mode": "count"})).await,
            r#"{"opened":3,"closed":2}"#
        );
    }
}

#[tokio::test]
async fn a_big_body_passes_as_it_is() {
    let plugins = Plugins::new().puppet(None);
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let world = World::default();
        let body = Bytes::from(vec![b'"'; 20 << 20]);
        world
            .blobs
            .lock()
            .push((body, "application/octet-stream".into()));
        let read = json!({"id": "blob_1", "len": 20 << 20});
        let asked = ask(json!([{"id": 1, "blob.read": read}, {"id": 2, "blob.read": read}]));
        let done = shown(call(&host, &world, "puppet", asked).await);
        assert!(done.ends_with(r#","bytes":41943040}"#), "{done}");
    }
}
