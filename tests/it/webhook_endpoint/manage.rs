//! Endpoints are created, changed, and given new secrets.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Receiver, Setup, on_both_engines};
use serde_json::{Value, json};

use super::{all, create, create_with, publish, show, until, verify};

on_both_engines![
    what_cannot_be_sent_to_is_refused,
    a_rotated_secret_signs_beside_the_new_one,
    other_signatures_are_sent_on_request,
    health_is_counted,
    what_several_change_at_once_is_all_kept,
    viewers_may_look_and_nothing_else,
    a_key_that_cannot_be_opened_fails_with_the_reason,
];

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_cannot_be_sent_to_is_refused(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_EGRESS_ALLOW", "127.0.0.2/32");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let headers = json!([{"name": "Webhook-Id", "value": "1"}]);
    let inputs = [
        json!({"url": "http://example.com/hook"}),
        json!({"url": "https://127.0.0.1/hook"}),
        json!({"url": "https://10.0.0.8/hook"}),
        json!({"url": "https://localhost/hook"}),
        json!({"url": "nonsense"}),
        json!({"url": "https://example.com/", "eventTypes": ["in*voice"]}),
        json!({"url": "https://example.com/", "options": {"customHeaders": headers}}),
        json!({"url": "https://example.com/", "options": {"timeout": "PT5M", "rateLimit": -1, "orderingKey": "id"}}),
    ];
    let mut errors = Vec::new();
    for input in inputs {
        let refused = owner
            .mutate(
                "createWebhookEndpoint",
                input,
                "webhookEndpoint { id } secret",
            )
            .await?;
        assert_eq!(
            (&refused["webhookEndpoint"], &refused["secret"]),
            (&json!(null), &json!(null))
        );
        errors.push(refused["userErrors"].clone());
    }
    allow_duplicates! { assert_json_snapshot!(errors, @r#"
        [
          [
            {
              "field": [
                "input",
                "url"
              ],
              "code": "INVALID",
              "message": "The URL must begin with https://. Only addresses in ranges that the operator has allowed (JACKFIELD_EGRESS_ALLOW) may do without."
            }
          ],
          [
            {
              "field": [
                "input",
                "url"
              ],
              "code": "FORBIDDEN_ADDRESS",
              "message": "127.0.0.1 is not a public address (loopback); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
            }
          ],
          [
            {
              "field": [
                "input",
                "url"
              ],
              "code": "FORBIDDEN_ADDRESS",
              "message": "10.0.0.8 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
            }
          ],
          [
            {
              "field": [
                "input",
                "url"
              ],
              "code": "FORBIDDEN_ADDRESS",
              "message": "localhost is not a public address (loopback); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
            }
          ],
          [
            {
              "field": [
                "input",
                "url"
              ],
              "code": "INVALID",
              "message": "This is not a URL: relative URL without a base."
            }
          ],
          [
            {
              "field": [
                "input",
                "eventTypes"
              ],
              "code": "INVALID",
              "message": "`in*voice` is no event type: 1 to 200 characters without spaces, such as `invoice.paid`, `invoice.*` or `*`."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "customHeaders"
              ],
              "code": "INVALID",
              "message": "The header `Webhook-Id` is set by the server."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "rateLimit"
              ],
              "code": "INVALID",
              "message": "A rate limit is a number of requests a second from 1 to 10000, or 0 for none."
            },
            {
              "field": [
                "input",
                "options",
                "timeout"
              ],
              "code": "INVALID",
              "message": "A timeout is from 1 to 60 seconds."
            },
            {
              "field": [
                "input",
                "options",
                "orderingKey"
              ],
              "code": "CONFLICT",
              "message": "A key for the order needs the ordering STRICT."
            }
          ]
        ]
        "#); }
    // In a range that is allowed, http will do.
    create(&owner, "http://127.0.0.2:9/hook", &[]).await?;
    jackfield.finish().await
}

async fn a_rotated_secret_signs_beside_the_new_one(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    let rotate = |overlap: &str| {
        let input = json!({"webhookEndpointId": endpoint.id, "overlap": overlap});
        let client = owner.clone();
        async move { client.succeed("rotateWebhookSecret", input, "secret").await }
    };
    let second = rotate("PT1H").await?["secret"].clone();
    publish(&owner, "a", json!({})).await?;
    let requests = outside.wait_for(1).await?;
    verify(&endpoint.secret, &requests[0])?;
    verify(second.as_str().unwrap_or_default(), &requests[0])?;

    let third = rotate("PT0S").await?["secret"].clone();
    publish(&owner, "a", json!({})).await?;
    let requests = outside.wait_for(2).await?;
    assert!(verify(&endpoint.secret, &requests[1]).is_err());
    assert!(verify(second.as_str().unwrap_or_default(), &requests[1]).is_err());
    verify(third.as_str().unwrap_or_default(), &requests[1])?;

    // Nowhere but in the answers that made them.
    let stored = jackfield.database_bytes()?;
    let log = jackfield.log()?;
    for secret in [&endpoint.secret, third.as_str().unwrap_or_default()] {
        let bare = secret.trim_start_matches("whsec_");
        let found = stored
            .windows(bare.len())
            .any(|part| part == bare.as_bytes());
        assert!(!found && !log.contains(bare));
    }
    jackfield.finish().await
}

async fn other_signatures_are_sent_on_request(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let custom = json!([{"name": "X-Team", "value": "blue-7f3a"}]);
    let options = json!({"signatureHeaders": "SVIX", "customHeaders": custom});
    let input = json!({"url": outside.url("/svix"), "options": options});
    let svix = create_with(&owner, input).await?;
    let input = json!({"url": outside.url("/ed25519"), "algorithm": "ED25519"});
    let ed25519 = create_with(&owner, input).await?;
    publish(&owner, "a", json!({})).await?;
    outside.wait_for(2).await?;

    let mut request = outside.requests_to("/svix").remove(0);
    assert_eq!(request.header("x-team"), "blue-7f3a");
    for part in ["id", "timestamp", "signature"] {
        let value = request.headers.remove(&format!("svix-{part}"));
        let value = value.unwrap_or_default();
        request.headers.insert(format!("webhook-{part}"), value);
    }
    verify(&svix.secret, &request)?;
    let found = until(&owner, &svix, all(1, "SUCCEEDED")).await?;
    assert_eq!(found[0]["attempts"][0]["requestHeaders"]["x-team"], "••••");

    let request = outside.requests_to("/ed25519").remove(0);
    verify_ed25519(&ed25519.secret, &request)?;
    jackfield.finish().await
}

/// As the specification of Standard Webhooks has it; its library for Rust knows HMAC only.
fn verify_ed25519(public: &str, request: &jackfield_tests::Request) -> Result<()> {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let key = STANDARD.decode(public.trim_start_matches("whpk_"))?;
    let signature = request.header("webhook-signature");
    let signature = STANDARD.decode(signature.trim_start_matches("v1a,"))?;
    let (id, at) = (
        request.header("webhook-id"),
        request.header("webhook-timestamp"),
    );
    let signed = [format!("{id}.{at}.").as_bytes(), &request.body].concat();
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&signed, &signature)
        .map_err(|_| anyhow::anyhow!("the signature does not fit"))
}

async fn health_is_counted(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = super::start(engine).await?;
    let owner = jackfield.owner();
    let no = jackfield_tests::Reply::json(500, &json!({}));
    let yes = jackfield_tests::Reply::default();
    outside.answer("/hook", [no, yes]);
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    assert_eq!(
        show(&owner, &endpoint).await?["health"]["successRate"],
        json!(null)
    );
    for _ in 0..3 {
        publish(&owner, "a", json!({})).await?;
    }
    until(&owner, &endpoint, all(3, "SUCCEEDED")).await?;
    let mut shown = json!({});
    for _ in 0..200 {
        shown = show(&owner, &endpoint).await?["health"].clone();
        if shown["attempts"] == 4 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(
        (
            &shown["attempts"],
            &shown["failures"],
            &shown["successRate"]
        ),
        (&json!(4), &json!(1), &json!(0.75))
    );
    let (p50, p95) = (shown["p50Ms"].as_f64(), shown["p95Ms"].as_f64());
    assert!(p50 > Some(0.0) && p95 >= p50, "{shown}");
    jackfield.finish().await
}

async fn viewers_may_look_and_nothing_else(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, "https://example.com/hook", &[]).await?;
    let key = json!({"name": "viewer", "role": "VIEWER"});
    let key = owner.succeed("createApiKey", key, "secret").await?;
    let viewer = owner.with_token(key["secret"].as_str().unwrap_or_default());
    assert_eq!(
        show(&viewer, &endpoint).await?["url"],
        "https://example.com/hook"
    );
    let id = json!({"webhookEndpointId": endpoint.id});
    for (mutation, input, selection) in [
        (
            "createWebhookEndpoint",
            json!({"url": "https://example.com"}),
            "secret",
        ),
        (
            "updateWebhookEndpoint",
            id.clone(),
            "webhookEndpoint { id }",
        ),
        (
            "deleteWebhookEndpoint",
            id.clone(),
            "webhookEndpoint { id }",
        ),
        ("rotateWebhookSecret", id.clone(), "secret"),
        ("sendTestEvent", id.clone(), "event { id }"),
        ("replayEvents", id, "replay { id }"),
        (
            "resendDelivery",
            json!({"deliveryId": "dlv_1"}),
            "delivery { id }",
        ),
        ("pauseReplay", json!({"replayId": "rpl_1"}), "replay { id }"),
    ] {
        let refused = viewer.try_mutate(mutation, input, selection).await?;
        let code = &refused.body["errors"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN", "{mutation}: {}", refused.body);
    }
    jackfield.finish().await
}

async fn a_key_that_cannot_be_opened_fails_with_the_reason(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = super::start(engine).await?;
    let endpoint = create(&jackfield.owner(), &outside.url("/hook"), &[]).await?;
    jackfield.terminate().await?;
    std::fs::remove_file(jackfield.data_dir().join("master.key"))?;
    jackfield.restart().await?;
    let owner = jackfield.owner();
    publish(&owner, "a", json!({})).await?;
    let found = until(&owner, &endpoint, all(1, "FAILED")).await?;
    let error = found[0]["attempts"][0]["error"]
        .as_str()
        .unwrap_or_default();
    assert!(
        error.starts_with("UNUSABLE_ENDPOINT: nothing can be sent to the endpoint: its signing key cannot be opened"),
        "{error}"
    );
    // A new secret mends it.
    let input = json!({"webhookEndpointId": endpoint.id});
    let rotated = owner
        .succeed("rotateWebhookSecret", input, "secret")
        .await?;
    let input = json!({"deliveryId": found[0]["id"]});
    owner
        .succeed("resendDelivery", input, "delivery { id }")
        .await?;
    let requests = outside.wait_for(1).await?;
    verify(rotated["secret"].as_str().unwrap_or_default(), &requests[0])?;
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    jackfield.finish().await
}

async fn what_several_change_at_once_is_all_kept(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, "http://127.0.0.1:9/hook", &[]).await?;
    for round in 0..20 {
        let change = |field: &str, value: Value| {
            let input = json!({"webhookEndpointId": endpoint.id, field: value});
            let owner = owner.clone();
            async move {
                let selection = "webhookEndpoint { id }";
                owner
                    .succeed("updateWebhookEndpoint", input, selection)
                    .await
            }
        };
        let (name, active) = (format!("Round {round}"), round % 2 == 0);
        tokio::try_join!(
            change("name", json!(name)),
            change("active", json!(active)),
            change("eventTypes", json!([name.replace(' ', ".")])),
        )?;
        let now = show(&owner, &endpoint).await?;
        let expected = json!([name, active, [name.replace(' ', ".")]]);
        assert_eq!(
            json!([now["name"], now["active"], now["eventTypes"]]),
            expected
        );
    }
    jackfield.finish().await
}
