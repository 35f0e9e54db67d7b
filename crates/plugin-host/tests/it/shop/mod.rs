//! Every operation of a plugin that is written with the SDK (`crates/plugin-sdk/examples/shop.rs`), in both isolations.

mod server;

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::hmac;
use jackfield_plugin_abi::messages::{
    CallError, CredentialSlot, OptionsQuery, Outcome, PollInput, Received, ResourceQuery,
    ResourceRef,
};
use jackfield_plugin_host::{Host, IncomingRequest, Isolation, Operation};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::world::{BOTH, Plugins, World, call, shown};
use server::Server;

/// The library, compiled once for a run of the tests.
fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--offline", "--package", "jackfield-plugin-sdk"])
            .args(["--example", "shop", "--message-format=json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo build: {said}");
        let messages = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let built = messages.find(|message| message["target"]["name"] == "shop");
        let built = built.unwrap()["filenames"][0].clone();
        PathBuf::from(built.as_str().unwrap())
    })
}

/// A host with the plugin, and a shop that it reaches.
struct Bench {
    host: Host,
    world: Arc<World>,
    server: Server,
}

impl Bench {
    async fn new(isolation: Isolation) -> Self {
        let plugins = Plugins::new();
        std::fs::copy(library(), plugins.file("shop")).unwrap();
        let server = Server::start().await;
        let world = World {
            reroute: Some(("https://api.shop.example".into(), server.url())),
            provider: Some("shop"),
            ..World::default()
        };
        Self {
            host: plugins.host(isolation).await,
            world: Arc::new(world),
            server,
        }
    }

    async fn run(&self, config: Value) -> Result<Outcome, CallError> {
        call(&self.host, &self.world, "shop", config).await
    }
}

fn with_keys(operation: Operation<'_>) -> Operation<'_> {
    let slot = CredentialSlot {
        slot: "default".into(),
        provider: "shop".into(),
        settings: None,
    };
    Operation {
        credentials: vec![slot],
        ..operation
    }
}

fn raw(json: &Value) -> Box<RawValue> {
    to_raw_value(json).unwrap()
}

fn of_node<'a>(node: &'a str, config: &'a RawValue) -> Operation<'a> {
    with_keys(Operation::of_node(node, config))
}

fn of_provider() -> Operation<'static> {
    with_keys(Operation::of_provider("shop"))
}

#[tokio::test]
async fn a_trigger_asks_from_its_cursor_on() {
    for isolation in BOTH {
        let bench = Bench::new(isolation).await;
        let config = raw(&json!({"atLeast": 20}));
        let mut input = PollInput {
            cursor: None,
            limit: 10,
        };
        let operation = of_node("shop-new-order", &config);
        let poll = bench.host.poll(&operation, &input, &*bench.world).await;
        let first = poll.unwrap();
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(json!(first), @r#"
            {
              "events": [
                {
                  "dedupeKey": "order-2",
                  "data": {
                    "id": 2,
                    "value": 20
                  }
                },
                {
                  "dedupeKey": "order-3",
                  "data": {
                    "id": 3,
                    "value": 30
                  }
                }
              ],
              "cursor": 3,
              "more": false
            }
            "#);
        }
        input.cursor = first.cursor;
        let poll = bench.host.poll(&operation, &input, &*bench.world).await;
        assert!(poll.unwrap().events.is_empty());
        assert_eq!(bench.server.last(), "GET /orders?after=3");
    }
}

#[tokio::test]
async fn a_trigger_that_is_told_verifies_reads_and_answers_challenges() {
    let body = br#"{"id": "evt_1", "type": "order.paid", "order": 7}"#;
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"default.signingKey");
    let signature = hex::encode(hmac::sign(&key, body));
    for isolation in BOTH {
        let bench = Bench::new(isolation).await;
        let config = raw(&json!({}));
        let receive = async |url: &str, signature: &str| -> Received {
            let request = IncomingRequest {
                method: "POST",
                url,
                headers: &[("x-signature".into(), signature.into())],
                body,
            };
            let operation = of_node("shop-told", &config);
            let received = bench.host.receive(&operation, request, &*bench.world);
            received.await.unwrap()
        };
        let hook = "https://jackfield.example/hooks/1";
        let accepted = receive(hook, &signature).await;
        let rejected = receive(hook, &signature.replace(['0', '1'], "2")).await;
        let challenge = receive(&format!("{hook}?challenge=a%20b"), "").await;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(json!([accepted, rejected, challenge]), @r#"
            [
              {
                "accepted": {
                  "events": [
                    {
                      "dedupeKey": "evt_1",
                      "type": "order.paid",
                      "data": {
                        "id": "evt_1",
                        "type": "order.paid",
                        "order": 7
                      }
                    }
                  ]
                }
              },
              {
                "rejected": {
                  "reason": "The signature is wrong."
                }
              },
              {
                "challenge": {
                  "status": 200,
                  "headers": [
                    [
                      "content-type",
                      "text/plain; charset=utf-8"
                    ]
                  ],
                  "body": "a b"
                }
              }
            ]
            "#);
        }
    }
}

#[tokio::test]
async fn a_provider_tests_credentials_and_knows_resources_and_choices() {
    for isolation in BOTH {
        let bench = Bench::new(isolation).await;
        let (host, world) = (&bench.host, &*bench.world);
        let tested = host.test_credential(&of_provider(), world).await.unwrap();
        assert_eq!(tested.account.as_deref(), Some("Ada's shop"));
        bench.server.refuse();
        let refused = host.test_credential(&of_provider(), world).await;
        let query = ResourceQuery {
            resource_type: "sender".into(),
            cursor: None,
        };
        let listed = host.resources(&of_provider(), &query, world).await;
        let verify = async |value: &str| {
            let resource = ResourceRef {
                resource_type: "sender".into(),
                value: value.into(),
            };
            let operation = of_provider();
            let verified = host.verify_resource(&operation, &resource, world);
            verified.await.unwrap()
        };
        let verified = [
            verify("a@shop.example").await,
            verify("x@shop.example").await,
        ];
        let query = OptionsQuery {
            source: "shelves".into(),
            search: Some("b".into()),
            cursor: None,
        };
        let config = raw(&json!({"operation": "by_cursor"}));
        let options = host.options(&of_node("shop", &config), &query, world).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused.unwrap_err(), @"CREDENTIAL: The credential was refused: https://api.shop.example/account answered 401.");
            insta::assert_json_snapshot!(listed.unwrap(), @r#"
            {
              "resources": [
                {
                  "value": "a@shop.example",
                  "label": "a@shop.example",
                  "status": "VERIFIED"
                },
                {
                  "value": "b@shop.example",
                  "label": "b@shop.example",
                  "status": "VERIFIED"
                }
              ]
            }
            "#);
            insta::assert_json_snapshot!(verified, @r#"
            [
              {
                "status": "VERIFIED"
              },
              {
                "status": "FAILED",
                "message": "Add the address at the shop first."
              }
            ]
            "#);
            insta::assert_json_snapshot!(options.unwrap(), @r#"
            {
              "options": [
                {
                  "value": "books",
                  "label": "books"
                },
                {
                  "value": "boots",
                  "label": "boots"
                }
              ]
            }
            "#);
        }
    }
}

#[tokio::test]
async fn lists_are_followed_in_every_style_of_pages() {
    for isolation in BOTH {
        let bench = Bench::new(isolation).await;
        for config in [
            json!({"operation": "by_cursor", "shelf": "a"}),
            json!({"operation": "by_last_id"}),
            json!({"operation": "by_link"}),
            json!({"operation": "by_number"}),
            json!({"operation": "by_offset"}),
        ] {
            let listed = shown(bench.run(config.clone()).await);
            let all = r#"{"items":[{"id":1},{"id":2},{"id":3},{"id":4},{"id":5}]}"#;
            assert_eq!(listed, all, "{config}");
        }
        let sent = bench.server.seen().join("\n");
        insta::allow_duplicates! {
            insta::assert_snapshot!(sent, @"
            GET /by-cursor?shelf=a
            GET /by-cursor?shelf=a&after=2
            GET /by-cursor?shelf=a&after=4
            GET /by-last-id
            GET /by-last-id?after=2
            GET /by-last-id?after=4
            GET /by-link
            GET /by-link?from=2
            GET /by-link?from=4
            GET /by-number?size=2
            GET /by-number?size=2&page=2
            GET /by-number?size=2&page=3
            GET /by-offset?size=2
            GET /by-offset?size=2&skip=2
            GET /by-offset?size=2&skip=4
            ");
        }
    }
}

#[tokio::test]
async fn a_key_in_a_parameter_is_in_no_header() {
    for isolation in BOTH {
        let bench = Bench::new(isolation).await;
        let refund = json!({"operation": "refund", "order": "o_1"});
        let refunded = shown(bench.run(refund.clone()).await);
        let first = bench.server.last();
        shown(bench.run(refund).await);
        assert_eq!(bench.server.last(), first, "the same on every attempt");
        insta::allow_duplicates! {
            insta::assert_snapshot!(refunded, @r#"{"refunded":"o_1"}"#);
            insta::assert_snapshot!(first, @"POST /refunds?order=o_1&requestId=step-1-41129b90-1");
        }
        assert!(!bench.server.heads().contains("idempotency-key"));
        assert!(bench.server.heads().contains("Bearer secret-of-default"));
    }
}

#[tokio::test]
async fn a_node_reads_files_and_reveals_what_it_may() {
    for isolation in BOTH {
        let bench = Bench::new(isolation).await;
        let file = ("0123456789".into(), "text/plain".to_owned());
        bench.world.blobs.lock().push(file);
        let read = json!({"operation": "read_file", "id": "blob_1"});
        assert_eq!(shown(bench.run(read).await), r#""23456""#);
        let measured = shown(bench.run(json!({"operation": "measure_key"})).await);
        assert_eq!(measured, "default.apiKey".len().to_string());
    }
}

#[tokio::test]
async fn a_node_notices_that_it_is_cancelled() {
    for isolation in BOTH {
        let bench = Arc::new(Bench::new(isolation).await);
        let waiting = tokio::spawn({
            let bench = bench.clone();
            async move { shown(bench.run(json!({"operation": "wait"})).await) }
        });
        while bench.world.said.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        let told = async {
            loop {
                let told = shown(bench.run(json!({"operation": "why_given_up"})).await);
                if told != "null" {
                    return told;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let told = tokio::time::timeout(Duration::from_secs(10), told).await;
        let told = told.expect("a node that listens is told why it is cancelled");
        assert_eq!(told, r#""the call is no longer wanted""#);
    }
}
