//! Connected apps.

mod check;
mod default;
mod drawer;
mod oauth;
mod provider;
mod rate_limit;
mod usage;
mod uses;

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Receiver, on_both_engines};
use serde_json::json;

on_both_engines![
    credentials_are_shown_as_their_last_four_characters,
    bad_credentials_are_named_without_their_values,
    an_app_can_be_given_new_credentials,
    a_disconnected_app_is_gone,
];

async fn credentials_are_shown_as_their_last_four_characters(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let credentials = json!({"scheme": "bearer", "token": "planted-token-9876"});
    let input = json!({"provider": "http", "name": "Partner", "credentials": credentials});
    let fields = "connectedApp { provider name status active maskedCredential }";
    let payload = jackfield
        .owner()
        .succeed("connectApp", input, fields)
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(payload, @r#"
    {
      "connectedApp": {
        "provider": "http",
        "name": "Partner",
        "status": "CONNECTED",
        "active": true,
        "maskedCredential": "••••9876"
      },
      "userErrors": []
    }
    "#);
    }
    jackfield.finish().await
}

async fn bad_credentials_are_named_without_their_values(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let credentials =
        json!({"scheme": "api_key", "value": "planted-token-9876", "in": "planted-place"});
    let input = json!({"provider": "http", "name": "", "credentials": credentials});
    let answer = jackfield
        .owner()
        .mutate("connectApp", input, "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(answer, @r#"
    {
      "connectedApp": null,
      "userErrors": [
        {
          "field": [
            "input",
            "name"
          ],
          "code": "REQUIRED",
          "message": "give the app a name"
        },
        {
          "field": [
            "input",
            "credentials",
            "name"
          ],
          "code": "REQUIRED",
          "message": "must be given"
        },
        {
          "field": [
            "input",
            "credentials",
            "in"
          ],
          "code": "INVALID",
          "message": "value is not one of \"header\" or \"query\""
        }
      ]
    }
    "#);
    }
    let unknown = json!({"provider": "htpp", "name": "Partner", "credentials": {"scheme": "bearer", "token": "t"}});
    let answer = jackfield
        .owner()
        .mutate("connectApp", unknown, "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(answer, @r#"
    {
      "connectedApp": null,
      "userErrors": [
        {
          "field": [
            "input",
            "provider"
          ],
          "code": "UNKNOWN_PROVIDER",
          "message": "no loaded plugin brings a provider `htpp`"
        }
      ]
    }
    "#);
    }
    jackfield.finish().await
}

async fn an_app_can_be_given_new_credentials(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"provider": "http", "name": "Partner", "credentials": {"scheme": "bearer", "token": "old-1111"}});
    let app = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?["connectedApp"]["id"]
        .clone();
    let input =
        json!({"connectedAppId": app, "credentials": {"scheme": "bearer", "token": "new-2222"}});
    owner
        .succeed("updateConnectedApp", input, "connectedApp { id }")
        .await?;

    let mut call = jackfield_tests::node("call", "api-endpoint", json!({"url": outside.url("/")}));
    call["connectedAppId"] = app;
    owner
        .run_once(jackfield_tests::start_then(call), json!({}))
        .await?;
    assert_eq!(
        outside.requests()[0].header("authorization"),
        "Bearer new-2222"
    );
    jackfield.finish().await
}

async fn a_disconnected_app_is_gone(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"provider": "http", "name": "Partner", "credentials": {"scheme": "bearer", "token": "t-1111"}});
    let app = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?["connectedApp"]["id"]
        .clone();
    owner
        .succeed(
            "disconnectApp",
            json!({"connectedAppId": app}),
            "connectedApp { id }",
        )
        .await?;
    let data = owner
        .data_with(
            "query($id: ID!) { connectedApp(id: $id) { id } }",
            json!({"id": app}),
        )
        .await?;
    assert!(data["connectedApp"].is_null(), "{data}");
    jackfield.finish().await
}
