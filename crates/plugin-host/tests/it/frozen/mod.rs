//! Binaries of plugins as strangers shipped them for ABI 1.0, which every later host has to load and run. See
//! `tests/frozen/README.md`.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod direct;
mod operations;
mod receiver;

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use jackfield_egress::{Egress, EgressConfig};
use jackfield_plugin_abi::Status;
use jackfield_plugin_abi::messages::{CallError, Outcome};
use jackfield_plugin_host::{Host, HostConfig, Isolation, PluginStatus};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::direct::Table;
use self::receiver::Receiver;

use crate::world::{BOTH, World, call};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen")
}

async fn host(isolation: Isolation) -> Host {
    let egress = Egress::new(EgressConfig {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        ..EgressConfig::default()
    });
    let mut config = HostConfig::new(folder(), egress.unwrap());
    config.isolation = isolation;
    config.child = Some(env!("CARGO_BIN_EXE_jackfield-plugin-child").into());
    config.limits.memory = 192 << 20;
    Host::open(config).await
}

#[test]
fn the_binaries_are_what_they_were() {
    let sums = std::fs::read_to_string(folder().join("SHA256SUMS")).unwrap();
    let mut files = Vec::new();
    for line in sums.lines() {
        let (sum, file) = line.split_once("  ").unwrap();
        let bytes = std::fs::read(folder().join(file)).unwrap();
        let found = hex::encode(digest(&SHA256, &bytes));
        assert_eq!(found, sum, "{file} was changed; restore it from history");
        files.push(file);
    }
    assert_eq!(files, PLUGINS.map(|(file, _)| file));
}

/// Each file with the plugin that it holds.
const PLUGINS: [(&str, &str); 2] = [
    ("c/frozen-c.so", "frozen-c"),
    ("rust/libfrozen_rust.so", "frozen-rust"),
];

#[tokio::test]
async fn they_load() {
    for isolation in BOTH {
        let host = host(isolation).await;
        let found: Vec<_> = host
            .plugins()
            .iter()
            .map(|plugin| {
                assert_eq!(plugin.status(), PluginStatus::Ready, "{:?}", plugin.error());
                (plugin.id().to_owned(), plugin.name().to_owned())
            })
            .collect();
        assert_eq!(
            found,
            PLUGINS.map(|(file, name)| (file.into(), name.into()))
        );
        for (_, name) in PLUGINS {
            let relay = host.node_type(&format!("{name}-relay")).unwrap();
            assert_eq!(relay.manifest.name, "Relay");
            assert_eq!(relay.manifest.provider.as_deref(), Some(name));
            let ports: Vec<_> = relay.manifest.outputs.iter().map(|p| &*p.name).collect();
            assert_eq!(ports, ["data-out", "error"]);
            assert_eq!(
                relay.manifest.config_schema["required"],
                json!(["from", "to", "text"])
            );
            assert!(host.provider(name).is_some());
        }
    }
}

struct Relayed {
    result: Result<Outcome, CallError>,
    sent: Vec<String>,
    said: Vec<String>,
}

/// Where the provider of the plugins is; a connected app points it to the receiver.
const ORIGIN: &str = "https://api.frozen.example";

fn relay_config(from: &str, to: &str) -> Value {
    let text = "a \"b\" \u{20ac}\n";
    json!({"from": format!("{ORIGIN}{from}"), "to": format!("{ORIGIN}{to}"), "text": text, "sleepMs": 1})
}

fn world(plugin: &str, port: u16) -> World {
    let mut names = PLUGINS.map(|(_, name)| name).into_iter();
    World {
        provider: names.find(|name| *name == plugin),
        reroute: Some((ORIGIN.into(), format!("http://127.0.0.1:{port}"))),
        ..World::default()
    }
}

/// Runs the relay of a plugin between two paths of a receiver.
async fn relay(host: &Host, plugin: &str, from: &str, to: &str) -> Relayed {
    let receiver = Receiver::start().await;
    let world = world(plugin, receiver.port);
    let node = format!("{plugin}-relay");
    let run = call(host, &world, &node, relay_config(from, to));
    let result = tokio::time::timeout(Duration::from_secs(30), run).await;
    let mut sent = receiver.seen.lock().clone();
    sent.sort();
    Relayed {
        result: result.expect("both requests are sent at the same time"),
        sent,
        said: world.said.into_inner(),
    }
}

#[tokio::test]
async fn requests_in_flight_sleep_log_and_attachments_work() {
    for isolation in BOTH {
        let host = host(isolation).await;
        for (_, plugin) in PLUGINS {
            let relayed = relay(&host, plugin, "/from", "/to").await;
            let outcome = relayed.result.unwrap();
            assert_eq!(outcome.port, "data-out");
            let output: Value = serde_json::from_str(outcome.output.get()).unwrap();
            let answer = json!({"status": 200, "text": "he said \"h\u{e9}\"\n"});
            assert_eq!((&output["from"], &output["to"]), (&answer, &answer));
            let [get, post] = relayed.sent.try_into().unwrap();
            assert!(get.starts_with("GET /from HTTP/1.1\r\n"), "{get}");
            assert!(
                get.contains("authorization: Bearer secret-of-default\r\n"),
                "{get}"
            );
            assert!(post.starts_with("POST /to HTTP/1.1\r\n"), "{post}");
            assert!(post.ends_with("\r\n\r\na \"b\" \u{20ac}\n"), "{post}");
            assert!(post.contains("content-type: text/plain\r\n"), "{post}");
            assert!(!post.contains("authorization"), "{post}");
            let expected = [
                "Info relaying ",
                r#"Some(0.5) Some("waiting")"#,
                "Info relayed ",
            ];
            assert_eq!(relayed.said.len(), expected.len());
            for (said, expected) in relayed.said.iter().zip(expected) {
                assert!(said.starts_with(expected), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn failures_leave_through_the_error_port_or_fail_the_call() {
    for isolation in BOTH {
        let host = host(isolation).await;
        for (_, plugin) in PLUGINS {
            let relayed = relay(&host, plugin, "/from", "/teapot").await;
            let outcome = relayed.result.unwrap();
            let output: Value = serde_json::from_str(outcome.output.get()).unwrap();
            assert_eq!((outcome.port.as_str(), outcome.retry), ("error", None));
            let answer = json!({"status": 418, "text": "short"});
            assert_eq!(output, json!({"request": "to", "answer": answer}));

            let relayed = relay(&host, plugin, "/busy", "/to").await;
            let outcome = relayed.result.unwrap();
            assert_eq!(outcome.retry.unwrap().after_ms, Some(1000));

            let (world, node) = (world(plugin, 1), format!("{plugin}-relay"));
            let config = relay_config("/from", "/to");
            let error = call(&host, &world, &node, config).await.unwrap_err();
            assert_eq!((error.code.as_str(), error.retryable), ("CONNECT", true));
            let nowhere = json!({"from": ORIGIN, "text": ""});
            let error = call(&host, &world, &node, nowhere).await.unwrap_err();
            assert_eq!(error.code, "INVALID_CONFIG");
            assert!(
                error.message.contains("config") && error.message.contains("to"),
                "{}",
                error.message
            );
        }
    }
}

/// A call that is given up while its requests are out is closed, and the plugin goes on.
#[tokio::test]
async fn a_call_can_be_given_up() {
    for isolation in BOTH {
        let host = host(isolation).await;
        for (_, plugin) in PLUGINS {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let world = world(plugin, listener.local_addr().unwrap().port());
            let (node, config) = (format!("{plugin}-relay"), relay_config("/from", "/to"));
            let (running, asked) = (call(&host, &world, &node, config), listener.accept());
            tokio::select! {
                ended = running => panic!("it should wait for its answers: {ended:?}"),
                accepted = asked => drop(accepted.unwrap()),
            }
            let relayed = relay(&host, plugin, "/from", "/to").await;
            assert_eq!(relayed.result.unwrap().port, "data-out");
        }
    }
}

/// The plugin hands on every effect of ABI 1.0 and returns the frames that the host wrote.
#[tokio::test]
async fn every_effect_of_the_first_minor_is_answered() {
    for isolation in BOTH {
        let host = host(isolation).await;
        let world = world("frozen-c", 1);
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"default.key");
        let signature = hex::encode(hmac::sign(&key, b"signed"));
        world
            .blobs
            .lock()
            .push(("stored".into(), "text/plain".into()));
        let effects = json!([
            {"id": 4, "now": {}},
            {"id": 5, "random": {"len": 3}},
            {"id": 6, "hmac.verify": {"algorithm": "sha256", "credential": "default", "field": "key",
                "message": {"$bin": [0, 6]}, "signature": signature, "encoding": "hex"}},
            {"id": 7, "blob.read": {"id": "blob_1", "offset": 1, "len": 3}},
            {"id": 8, "sleep": {"ms": 1}},
            {"id": 9, "of a later minor": {}},
            {"log": {"level": "warn", "message": "odd"}},
        ]);
        let done = call(&host, &world, "frozen-c-ask", json!({"effects": effects})).await;
        let frames: Vec<Value> = serde_json::from_str(done.unwrap().output.get()).unwrap();
        assert_eq!(frames[0]["op"], "node.execute");
        let mut events: Vec<Value> = frames[1..]
            .iter()
            .flat_map(|frame| frame["events"].as_array().unwrap().clone())
            .collect();
        events.sort_by_key(|event| event["id"].as_u64());
        assert_eq!(world.said.lock().as_slice(), ["Warn odd "]);
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(events, {"[].err.message" => "in words"}, @r#"
            [
              {
                "id": 4,
                "ok": {
                  "unixMicros": 1700000000000000
                }
              },
              {
                "id": 5,
                "ok": {
                  "bytes": {
                    "$bin": [
                      0,
                      3
                    ]
                  }
                }
              },
              {
                "id": 6,
                "ok": {
                  "valid": true
                }
              },
              {
                "id": 7,
                "ok": {
                  "bytes": {
                    "$bin": [
                      3,
                      3
                    ]
                  },
                  "size": 6,
                  "contentType": "text/plain"
                }
              },
              {
                "id": 8,
                "ok": {}
              },
              {
                "id": 9,
                "err": {
                  "code": "UNSUPPORTED",
                  "message": "in words",
                  "retryable": false
                }
              }
            ]
            "#);
        }
    }
}

/// What the host wrote to the plugin, and what the plugins wrote to it, is what the schemas say.
#[tokio::test]
async fn their_frames_fit_the_schemas() {
    let host = host(Isolation::InProcess).await;
    let relayed = relay(&host, "frozen-c", "/from", "/to").await;
    let output: Value = serde_json::from_str(relayed.result.unwrap().output.get()).unwrap();
    let frames = output["frames"].as_array().unwrap();
    fits("call.json", &frames[0]);
    for events in &frames[1..] {
        fits("events.json", events);
    }
    let received: usize = frames[1..]
        .iter()
        .map(|frame| frame["events"].as_array().unwrap().len())
        .sum();
    assert_eq!(received, 3);
    for plugin in host.plugins() {
        fits(
            "manifest.json",
            &serde_json::to_value(plugin.manifest()).unwrap(),
        );
    }
    for (file, name) in PLUGINS {
        let table = Table::load(&folder().join(file), &["effects/1"]).unwrap();
        let answer = json!({"status": 418, "headers": [], "url": ORIGIN, "durationMs": 1});
        let answers = (1..=3).map(|id| json!({"id": id, "ok": answer}));
        let events = json!({"events": answers.collect::<Vec<_>>()});
        let turns = table.talk(&relay_call(name), &[events]);
        for (_, turn) in &turns {
            fits("turn.json", turn);
        }
        let ends: Vec<_> = turns.iter().map(|(status, _)| *status).collect();
        assert_eq!(ends, [Status::PENDING, Status::DONE], "{turns:?}");
    }
}

#[track_caller]
fn fits(schema: &str, message: &Value) {
    let file = folder().join("../../../plugin-abi/schemas").join(schema);
    let schema = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let wrong: Vec<_> = validator
        .iter_errors(message)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(wrong, Vec::<String>::new(), "{message}");
}

fn relay_call(plugin: &str) -> Value {
    json!({"op": "node.execute", "node": format!("{plugin}-relay"), "config": relay_config("/from", "/to"), "input": null,
        "attempt": 1, "idempotencyKey": "run_1.relay"})
}

#[test]
fn a_cancelled_call_ends_at_once() {
    for (file, name) in PLUGINS {
        let table = Table::load(&folder().join(file), &["effects/1"]).unwrap();
        let cancel = json!({"events": [{"cancel": {"reason": "The run was cancelled."}}]});
        let turns = table.talk(&relay_call(name), &[cancel]);
        assert_eq!(turns[0].0, Status::PENDING);
        assert_eq!(turns[1].0, Status::DONE);
        assert_eq!(turns[1].1["error"]["code"], "CANCELLED");
    }
}

/// Negotiation from the other side: a plugin says which feature it misses.
#[test]
fn they_refuse_a_host_that_cannot_do_what_they_need() {
    for (file, _) in PLUGINS {
        let refused = Table::load(&folder().join(file), &["teleport/1"]);
        let reason = refused.err().unwrap();
        assert!(
            reason.contains("effects/1") && reason.contains("does not have"),
            "{reason}"
        );
    }
}

#[test]
fn an_operation_of_a_later_minor_is_unsupported() {
    for (file, _) in PLUGINS {
        let table = Table::load(&folder().join(file), &["effects/1"]).unwrap();
        let call = json!({"op": "node.dream", "config": {}, "input": {}, "attempt": 1, "idempotencyKey": "k"});
        let turns = table.talk(&call, &[]);
        assert_eq!(turns[0].0, Status::DONE);
        assert_eq!(turns[0].1["error"]["code"], "UNSUPPORTED");
    }
}
