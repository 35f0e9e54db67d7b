//! Every operation besides `node.execute`, as the plugin in Rust answers it.

use aws_lc_rs::hmac;
use jackfield_plugin_abi::messages::{
    CredentialSlot, OptionsQuery, PollInput, ResourceQuery, ResourceRef,
};
use jackfield_plugin_host::{IncomingRequest, Operation};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::{BOTH, World, host};

const PROVIDER: &str = "frozen-rust";

fn raw(json: &Value) -> Box<RawValue> {
    to_raw_value(json).unwrap()
}

fn shown<T: serde::Serialize>(answer: &T) -> String {
    serde_json::to_string(answer).unwrap()
}

fn world() -> World {
    World {
        provider: Some(PROVIDER),
        ..World::default()
    }
}

/// An operation that has the app of the provider.
fn with_app(operation: Operation<'_>) -> Operation<'_> {
    let slot = CredentialSlot {
        slot: "default".into(),
        provider: PROVIDER.into(),
        settings: None,
    };
    Operation {
        credentials: vec![slot],
        ..operation
    }
}

#[tokio::test]
async fn it_is_asked_what_is_new_from_where_it_was() {
    let config = raw(&json!({}));
    let operation = Operation::of_node("frozen-rust-tail", &config);
    for isolation in BOTH {
        let host = host(isolation).await;
        let mut input = PollInput {
            cursor: None,
            limit: 10,
        };
        let mut answers = Vec::new();
        for _ in 0..2 {
            let polled = host.poll(&operation, &input, &world()).await.unwrap();
            answers.push(shown(&polled));
            input.cursor = polled.cursor;
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(answers.join("\n"), @r#"
            {"events":[{"dedupeKey":"tail-1","type":"tail","data":{"count":1,"drawn":4}}],"cursor":1,"more":false}
            {"events":[{"dedupeKey":"tail-2","type":"tail","data":{"count":2,"drawn":4}}],"cursor":2,"more":false}
            "#);
        }
    }
}

#[tokio::test]
async fn it_reads_what_its_provider_sends() {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"default.key");
    let good = hex::encode(hmac::sign(&key, br#"{"who":"a"}"#));
    let config = raw(&json!({}));
    let operation = || with_app(Operation::of_node("frozen-rust-bell", &config));
    for isolation in BOTH {
        let host = host(isolation).await;
        let mut answers = Vec::new();
        for (name, value) in [
            ("x-signature", good.as_str()),
            ("x-signature", "00"),
            ("x-question", "are you there?"),
        ] {
            let headers = [(name.to_owned(), value.to_owned())];
            let request = IncomingRequest {
                method: "POST",
                url: "https://jackfield.example/hooks/1",
                headers: &headers,
                body: br#"{"who":"a"}"#,
            };
            let received = host.receive(&operation(), request, &world()).await;
            answers.push(shown(&received.unwrap()));
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(answers.join("\n"), @r#"
            {"accepted":{"events":[{"dedupeKey":"rang","type":"rang","data":{"who":"a"},"occurredAt":"2026-11-28T08:00:00Z"}],"respond":{"status":200,"headers":[["content-type","text/plain"]],"body":"heard"}}}
            {"rejected":{"reason":"The signature is wrong."}}
            {"challenge":{"status":200,"headers":[["content-type","text/plain; charset=utf-8"]],"body":"are you there?"}}
            "#);
        }
    }
}

#[tokio::test]
async fn its_provider_is_asked_about_an_account() {
    let config = raw(&json!({"from": "here"}));
    let of_node = Operation::of_node("frozen-rust-relay", &config);
    let of_provider = || with_app(Operation::of_provider(PROVIDER));
    let places = OptionsQuery {
        source: "places".into(),
        search: Some("inn".into()),
        ..OptionsQuery::default()
    };
    let rooms = ResourceQuery {
        resource_type: "room".into(),
        cursor: None,
    };
    let room = |value: &str| ResourceRef {
        resource_type: "room".into(),
        value: value.into(),
    };
    for isolation in BOTH {
        let (host, world) = (host(isolation).await, world());
        let options = host.options(&of_node, &places, &world).await.unwrap();
        let tested = host.test_credential(&of_provider(), &world).await.unwrap();
        let listed = host
            .resources(&of_provider(), &rooms, &world)
            .await
            .unwrap();
        let mut verified = Vec::new();
        for value in ["r1", "r2"] {
            let answer = host
                .verify_resource(&of_provider(), &room(value), &world)
                .await;
            verified.push(answer.unwrap());
        }
        let answers = [
            shown(&options),
            shown(&tested),
            shown(&listed),
            shown(&verified),
        ];
        insta::allow_duplicates! {
            insta::assert_snapshot!(answers.join("\n"), @r#"
            {"options":[{"value":"inn near here","label":"inn near here"}],"cursor":"next"}
            {"account":"default","details":{"plan":"frozen"}}
            {"resources":[{"value":"r1","label":"The first","status":"VERIFIED","isDefault":true}]}
            [{"status":"VERIFIED"},{"status":"FAILED","message":"There is no room r2."}]
            "#);
        }
    }
}
