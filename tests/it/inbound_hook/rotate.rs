//! Replacing the URL and the secret of a hook.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::stripe::PAYMENT_SUCCEEDED as EVENT;
use jackfield_tests::{Engine, InboundHook, Jackfield, graph, node, on_both_engines};
use serde_json::json;

on_both_engines![
    an_old_url_is_good_until_its_overlap_ends,
    an_old_secret_is_good_until_its_overlap_ends,
];

const OLD: &str = "whsec_b2xk";
const NEW: &str = "whsec_bmV3";

async fn hook(jackfield: &Jackfield) -> Result<InboundHook> {
    let nodes = [
        node("got", "webhook", json!({"scheme": "stripe", "secret": OLD})),
        node("note", "debug", json!({"message": "seen"})),
    ];
    let definition = graph(nodes, &["got -> note"]);
    let workflow = jackfield.owner().publish("Note", definition).await?;
    Ok(workflow.hooks[0].clone())
}

/// An event that has not come yet.
fn event(number: u32) -> String {
    EVENT.replace("0Zt1YbWm", &format!("{number:08}"))
}

#[expect(
    clippy::cognitive_complexity,
    reason = "an example from one URL to the next"
)]
async fn an_old_url_is_good_until_its_overlap_ends(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let first = hook(&jackfield).await?;
    // So that the server knows it by heart.
    assert_eq!(first.post_stripe(OLD, &event(1)).await?.status, 200);
    let rotate = async |overlap: &str| {
        let input = json!({"inboundHookId": first.id, "overlap": overlap});
        let fields = "inboundHook { id url previousUrlUntil }";
        let rotated = jackfield
            .owner()
            .succeed("rotateInboundHookToken", input, fields)
            .await?;
        let hook = &rotated["inboundHook"];
        let url = hook["url"].as_str().context("a hook has a URL")?.to_owned();
        Ok::<_, anyhow::Error>((
            InboundHook {
                url,
                ..first.clone()
            },
            hook["previousUrlUntil"].clone(),
        ))
    };

    let (second, until) = rotate("PT1H").await?;
    assert!(until.is_string() && second.url != first.url, "{until}");
    assert_eq!(first.post_stripe(OLD, &event(2)).await?.status, 200);
    assert_eq!(second.post_stripe(OLD, &event(3)).await?.status, 200);
    let (third, until) = rotate("PT0S").await?;
    assert!(until.is_null(), "{until}");
    assert_eq!(first.post_stripe(OLD, &event(4)).await?.status, 404);
    assert_eq!(second.post_stripe(OLD, &event(4)).await?.status, 404);
    assert_eq!(third.post_stripe(OLD, &event(4)).await?.status, 200);
    // A short one really ends.
    let (fourth, _) = rotate("PT0.2S").await?;
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    assert_eq!(third.post_stripe(OLD, &event(5)).await?.status, 404);
    assert_eq!(fourth.post_stripe(OLD, &event(5)).await?.status, 200);

    let input = json!({"inboundHookId": first.id, "overlap": "P8D"});
    let refused = jackfield
        .owner()
        .mutate("rotateInboundHookToken", input, "inboundHook { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        {
          "inboundHook": null,
          "userErrors": [
            {
              "field": [
                "input",
                "overlap"
              ],
              "code": "INVALID",
              "message": "An overlap is from PT0S to P7D."
            }
          ]
        }
        "#);
    }
    jackfield.finish().await
}

async fn an_old_secret_is_good_until_its_overlap_ends(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let hook = hook(&jackfield).await?;
    assert_eq!(hook.post_stripe(OLD, &event(1)).await?.status, 200);
    let rotate = async |secret: &str, overlap: &str| {
        let input = json!({"inboundHookId": hook.id, "secret": secret, "overlap": overlap});
        jackfield
            .owner()
            .mutate(
                "rotateInboundHookSecret",
                input,
                "inboundHook { hasSecret }",
            )
            .await
    };

    let rotated = rotate(NEW, "PT1H").await?;
    assert_eq!(rotated["inboundHook"]["hasSecret"], true, "{rotated}");
    assert_eq!(hook.post_stripe(OLD, &event(2)).await?.status, 200);
    assert_eq!(hook.post_stripe(NEW, &event(3)).await?.status, 200);
    rotate("whsec_bmV3ZXI", "PT0S").await?;
    assert_eq!(hook.post_stripe(OLD, &event(4)).await?.status, 401);
    assert_eq!(hook.post_stripe(NEW, &event(4)).await?.status, 401);
    assert_eq!(
        hook.post_stripe("whsec_bmV3ZXI", &event(4)).await?.status,
        200
    );
    let refused = rotate("", "PT1H").await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        {
          "inboundHook": null,
          "userErrors": [
            {
              "field": [
                "input",
                "secret"
              ],
              "code": "INVALID",
              "message": "this scheme needs the secret that the sender shows or shares"
            }
          ]
        }
        "#);
    }
    // The history of changes keeps no secret in clear text.
    let bytes = jackfield.database_bytes()?;
    for secret in [OLD, NEW, "whsec_bmV3ZXI"] {
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{secret}");
    }
    jackfield.finish().await
}
