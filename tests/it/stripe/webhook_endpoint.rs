//! The drawer of an account: its webhook endpoints, and how what they bring does.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot, with_settings};
use jackfield_tests::stripe::{PAYMENT_SUCCEEDED, Stripe, WEBHOOK_SECRET};
use jackfield_tests::{Engine, InboundHook, Jackfield, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    the_endpoints_of_the_account_are_taken_over,
    a_drawer_shows_what_it_takes_to_trust_the_connection,
];

const LISTED: &str = "resources { value label isDefault verificationStatus verificationMessage }";

async fn the_endpoints_of_the_account_are_taken_over(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    stripe.endpoints(&[
        ("https://example.com/hooks/a", true),
        ("https://example.com/hooks/b", false),
    ]);
    let input = json!({"connectedAppId": app, "resourceType": "webhook_endpoint"});
    let imported = owner
        .succeed(
            "importResources",
            input.clone(),
            &format!("leftOut {LISTED}"),
        )
        .await?;
    let unknown = json!({
        "connectedAppId": app, "resourceType": "webhook_endpoint", "value": "https://example.com/hooks/c", "label": "New",
    });
    let fields = "resource { value verificationStatus verificationMessage }";
    let unknown = owner.mutate("createResource", unknown, fields).await?;
    let plain = json!({"connectedAppId": app, "resourceType": "webhook_endpoint", "value": "http://example.com"});
    let plain = owner.mutate("createResource", plain, fields).await?;
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!([imported, unknown, plain], @r#"
        [
          {
            "leftOut": 0,
            "resources": [
              {
                "isDefault": true,
                "label": "All events",
                "value": "https://example.com/hooks/a",
                "verificationMessage": null,
                "verificationStatus": "VERIFIED"
              },
              {
                "isDefault": false,
                "label": "All events",
                "value": "https://example.com/hooks/b",
                "verificationMessage": null,
                "verificationStatus": "UNVERIFIED"
              }
            ],
            "userErrors": []
          },
          {
            "resource": {
              "value": "https://example.com/hooks/c",
              "verificationMessage": "Stripe sends nothing there: add the endpoint first, under Developers, Webhooks.",
              "verificationStatus": "UNVERIFIED"
            },
            "userErrors": []
          },
          {
            "resource": null,
            "userErrors": [
              {
                "code": "INVALID",
                "field": [
                  "input",
                  "value"
                ],
                "message": "must be an https URL such as https://example.com/hooks"
              }
            ]
          }
        ]
        "#);
    }});
    let many: Vec<String> = (0..20)
        .map(|number| format!("https://example.com/{number}"))
        .collect();
    let many: Vec<(&str, bool)> = many.iter().map(|url| (url.as_str(), true)).collect();
    stripe.endpoints(&many);
    let full = owner.succeed("importResources", input, "leftOut").await?;
    assert_eq!(full["leftOut"], 13);
    jackfield.finish().await
}

async fn a_drawer_shows_what_it_takes_to_trust_the_connection(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let app = stripe.connect(&owner, "Payments").await?;
    let document = "query($id: ID!) { connectedApp(id: $id) { inboundHook { url } } }";
    let shown = owner.data_with(document, json!({"id": app})).await?;
    let url = shown["connectedApp"]["inboundHook"]["url"].as_str();
    let hook = InboundHook {
        id: String::new(),
        url: url.unwrap_or_default().to_owned(),
        node_key: String::new(),
    };
    stripe.endpoints(&[("https://example.com/hooks/a", true)]);
    let input = json!({"connectedAppId": app, "resourceType": "webhook_endpoint"});
    owner.succeed("importResources", input, "leftOut").await?;
    hook.post_stripe(WEBHOOK_SECRET, PAYMENT_SUCCEEDED).await?;
    hook.post_stripe("whsec_guess", PAYMENT_SUCCEEDED).await?;

    let drawer = "query($id: ID!) { connectedApp(id: $id) {
        status maskedCredential lastHealthCheck { ok message }
        resources { resourceType value label verificationStatus }
        inboundHook { active requests { nodes { verdict status event { type } } } }
    } }";
    let shown = owner.data_with(drawer, json!({"id": app})).await?;
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(shown["connectedApp"], @r#"
        {
          "inboundHook": {
            "active": true,
            "requests": {
              "nodes": [
                {
                  "event": null,
                  "status": 401,
                  "verdict": "REJECTED"
                },
                {
                  "event": {
                    "type": "stripe.payment_intent.succeeded"
                  },
                  "status": 200,
                  "verdict": "ACCEPTED"
                }
              ]
            }
          },
          "lastHealthCheck": {
            "message": "test mode",
            "ok": true
          },
          "maskedCredential": "••••1234",
          "resources": [
            {
              "label": "All events",
              "resourceType": "webhook_endpoint",
              "value": "https://example.com/hooks/a",
              "verificationStatus": "VERIFIED"
            }
          ],
          "status": "CONNECTED"
        }
        "#);
    }});
    let health = "query($id: ID!) { connectedApp(id: $id) { inboundHook { health(window: \"PT1H\") { accepted rejected } } } }";
    let mut counted = Value::Null;
    // Counts are written every other second.
    for _ in 0..100 {
        counted = owner.data_with(health, json!({"id": app})).await?["connectedApp"]["inboundHook"]
            ["health"]
            .take();
        if counted["rejected"] == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(counted, json!({"accepted": 1, "rejected": 1}));
    jackfield.finish().await
}
