//! Hooks whose requests the plugin of the provider verifies and reads: `crates/plugin-sdk/examples/shop.rs`.

use std::fs;

use anyhow::{Context, Result};
use aws_lc_rs::hmac;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, InboundHook, Jackfield, Setup, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![a_plugin_verifies_and_reads_what_its_provider_sends];

/// A server with the example plugin, which is built beside the tests.
async fn start(engine: Engine) -> Result<Jackfield> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_UNSIGNED_PLUGINS", "allow");
    let executable = std::env::current_exe()?;
    let profile = executable.parent().and_then(|deps| deps.parent());
    let name = format!(
        "{}shop{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let library = profile
        .context("a test lies in deps")?
        .join("examples")
        .join(&name);
    let folder = setup.plugins().join("shop");
    fs::create_dir_all(&folder)?;
    fs::copy(&library, folder.join(&name))
        .with_context(|| format!("{} is built with --examples", library.display()))?;
    setup.start().await
}

fn signed(secret: &[u8], body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hex::encode(hmac::sign(&key, body.as_bytes()))
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn a_plugin_verifies_and_reads_what_its_provider_sends(engine: Engine) -> Result<()> {
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let credentials = json!({"apiKey": "key_of_the_shop", "signingKey": "signed-by-the-shop"});
    let input =
        json!({"provider": "shop", "name": "Shop", "credentials": credentials, "skipTest": true});
    let fields = "connectedApp { id inboundHook { id url config } }";
    let connected = owner.succeed("connectApp", input, fields).await?;
    let app = &connected["connectedApp"];
    assert_eq!(app["inboundHook"]["config"]["scheme"], "plugin", "{app}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let hook = InboundHook {
        id: text(&app["inboundHook"]["id"]),
        url: text(&app["inboundHook"]["url"]),
        node_key: String::new(),
    };
    let mut got = node("got", "event", json!({"types": ["shop.order.paid"]}));
    got["connectedAppId"] = app["id"].clone();
    let note = node(
        "note",
        "debug",
        json!({"message": "{{ trigger.body.total }}"}),
    );
    let workflow = owner
        .publish("Paid", graph([got, note], &["got -> note"]))
        .await?;

    let body = r#"{"id": "ord_1", "type": "order.paid", "total": 12}"#;
    let good = signed(b"signed-by-the-shop", body);
    let accepted = hook.post(&[("x-signature", &good)], body).await?;
    let repeated = hook.post(&[("x-signature", &good)], body).await?;
    let forged = hook
        .post(&[("x-signature", &signed(b"guess", body))], body)
        .await?;
    let unsigned = hook.post(&[], body).await?;
    let asked = reqwest::get(format!("{}?challenge=a%20b", hook.url)).await?;

    assert_eq!(
        [accepted.status, repeated.status],
        [200, 200],
        "{}",
        accepted.text
    );
    assert_eq!(accepted.text, repeated.text);
    assert_eq!(
        (asked.status().as_u16(), asked.text().await?.as_str()),
        (200, "a b")
    );
    owner.ended_runs_of(&workflow, 1).await?;
    let document = "query($id: ID!) { node(id: $id) { ... on InboundHook { requests { nodes {
        verdict status reason detail event { type source data }
    } } } } }";
    let shown = owner.data_with(document, json!({"id": hook.id})).await?;
    allow_duplicates! {
        assert_json_snapshot!([forged.json(), unsigned.json()], @r#"
        [
          {
            "error": {
              "code": "NOT_ACCEPTED",
              "message": "the request is not one that the provider has signed for this webhook"
            }
          },
          {
            "error": {
              "code": "NOT_ACCEPTED",
              "message": "the request is not one that the provider has signed for this webhook"
            }
          }
        ]
        "#);
        assert_json_snapshot!(shown["node"]["requests"]["nodes"], @r#"
        [
          {
            "verdict": "REJECTED",
            "status": 401,
            "reason": "NOT_ACCEPTED",
            "detail": "The request is not signed.",
            "event": null
          },
          {
            "verdict": "REJECTED",
            "status": 401,
            "reason": "NOT_ACCEPTED",
            "detail": "The signature is wrong.",
            "event": null
          },
          {
            "verdict": "DUPLICATE",
            "status": 200,
            "reason": "DUPLICATE",
            "detail": "the provider had sent this event before",
            "event": {
              "type": "shop.order.paid",
              "source": "shop",
              "data": {
                "id": "ord_1",
                "type": "order.paid",
                "total": 12
              }
            }
          },
          {
            "verdict": "ACCEPTED",
            "status": 200,
            "reason": null,
            "detail": null,
            "event": {
              "type": "shop.order.paid",
              "source": "shop",
              "data": {
                "id": "ord_1",
                "type": "order.paid",
                "total": 12
              }
            }
          }
        ]
        "#);
    }
    jackfield.finish().await
}
