//! Connecting an account.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot, with_settings};
use jackfield_tests::stripe::Stripe;
use jackfield_tests::{Engine, Jackfield, on_both_engines};
use serde_json::{Value, json};

on_both_engines![a_key_is_tested_before_it_is_kept];

async fn a_key_is_tested_before_it_is_kept(engine: Engine) -> Result<()> {
    let stripe = Stripe::start().await?;
    let jackfield = Jackfield::with(engine, &["stripe"]).await?;
    let owner = jackfield.owner();
    let fields = "connectedApp { status maskedCredential inboundHook { config hasSecret } } ";
    let connect = async |input: Value| owner.mutate("connectApp", input, fields).await;

    let connected = connect(stripe.input("Payments")).await?;
    let balance = &stripe.outside.requests_to("/v1/balance")[0];
    assert_eq!(
        balance.header("authorization"),
        "Bearer sk_test_keyofthetests1234"
    );
    assert_eq!(balance.header("stripe-version"), "2026-10-28.endive");
    let mut misspelt = stripe.input("Misspelt");
    misspelt["credentials"]["secretKey"] = json!("pk_test_publishable");
    let misspelt = connect(misspelt).await?;
    let refusal = Stripe::error(
        401,
        "invalid_request_error",
        "api_key_expired",
        "Expired API Key provided: sk_test_***1234",
    );
    stripe.outside.answer("/v1/balance", [refusal]);
    let refused = connect(stripe.input("Refused")).await?;
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!([connected, misspelt, refused], @r#"
        [
          {
            "connectedApp": {
              "inboundHook": {
                "config": {
                  "respond": "immediately",
                  "scheme": "stripe"
                },
                "hasSecret": false
              },
              "maskedCredential": "••••1234",
              "status": "CONNECTED"
            },
            "userErrors": []
          },
          {
            "connectedApp": null,
            "userErrors": [
              {
                "code": "INVALID",
                "field": [
                  "input",
                  "credentials",
                  "secretKey"
                ],
                "message": "value does not match \"^(sk|rk)_\""
              }
            ]
          },
          {
            "connectedApp": null,
            "userErrors": [
              {
                "code": "CREDENTIALS_REFUSED",
                "field": [
                  "input",
                  "credentials"
                ],
                "message": "Stripe does not take these credentials: api.stripe.com answered 401: Expired API Key provided: sk_test_***1234."
              }
            ]
          }
        ]
        "#);
    }});
    jackfield.finish().await
}
