//! Hooks whose requests the plugin of the provider verifies and reads: `crates/plugin-sdk/examples/shop.rs`.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::shop::{ShopApp, sign};
use jackfield_tests::{Engine, Receiver, Setup, graph, node, on_both_engines};
use serde_json::json;

on_both_engines![a_plugin_verifies_and_reads_what_its_provider_sends];

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn a_plugin_verifies_and_reads_what_its_provider_sends(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Setup::with_shop(engine)?.start().await?;
    let owner = jackfield.owner();
    let ShopApp { id: app, hook } = ShopApp::connect(&owner, "shop", &outside).await?;
    let mut got = node("got", "event", json!({"types": ["shop.order.paid"]}));
    got["connectedAppId"] = app.clone();
    let note = node(
        "note",
        "debug",
        json!({"message": "{{ trigger.body.total }}"}),
    );
    let workflow = owner
        .publish("Paid", graph([got, note], &["got -> note"]))
        .await?;

    let body = r#"{"id": "ord_1", "type": "order.paid", "total": 12}"#;
    let good = sign(body);
    let accepted = hook.post(&[("x-signature", &good)], body).await?;
    let repeated = hook.post(&[("x-signature", &good)], body).await?;
    let forged = hook.post(&[("x-signature", &sign("guess"))], body).await?;
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
