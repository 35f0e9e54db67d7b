use jackfield_connected_apps::{AppError, NewApp, UpdateApp};
use jackfield_storage::{
    Page,
    access::{ManageApps, Permit},
    connected_app,
};
use serde_json::{Value, json};

use crate::setting::Setting;

const TOKEN: &str = "planted-token-9876";

#[tokio::test]
async fn a_connected_app_shows_the_end_of_its_secret_and_keeps_the_rest_sealed() {
    let setting = Setting::new().await;
    let app = setting
        .connect(
            json!({"scheme": "bearer", "token": TOKEN}),
            json!({"apiVersion": "2"}),
        )
        .await
        .unwrap();

    assert_eq!(
        (app.masked.as_str(), app.active, app.settings.as_str()),
        ("••••9876", true, r#"{"apiVersion":"2"}"#)
    );
    let row = connected_app::find(setting.store.reader(), &setting.permit.read(), app.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row, app);
    let sealed = String::from_utf8_lossy(&row.sealed);
    assert!(!sealed.contains("planted") && !format!("{row:?}").contains("planted"));
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_at_once_without_values() {
    let setting = Setting::new().await;
    let new = NewApp {
        rate_limit: None,
        skip_test: false,
        provider: "http".into(),
        name: Some(" ".into()),
        credentials: json!({"scheme": "api_key", "value": TOKEN, "in": TOKEN}),
        settings: json!({"origins": {"https://api.example.com": "http://10.0.0.1"}}),
    };
    let Err(AppError::Rejected(problems)) = setting.apps.connect(&setting.permit, new).await else {
        panic!("it was connected");
    };

    insta::assert_json_snapshot!(problems, @r#"
    [
      {
        "field": [
          "name"
        ],
        "code": "REQUIRED",
        "message": "give the app a name"
      },
      {
        "field": [
          "credentials",
          "name"
        ],
        "code": "REQUIRED",
        "message": "must be given"
      },
      {
        "field": [
          "credentials",
          "in"
        ],
        "code": "INVALID",
        "message": "value is not one of \"header\" or \"query\""
      },
      {
        "field": [
          "settings",
          "origins",
          "https://api.example.com"
        ],
        "code": "FORBIDDEN_ADDRESS",
        "message": "10.0.0.1 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
      }
    ]
    "#);
    assert!(!format!("{problems:?}").contains("planted"));
}

#[tokio::test]
async fn an_unknown_provider_is_named() {
    let setting = Setting::new().await;
    let new = NewApp {
        rate_limit: None,
        skip_test: false,
        provider: "htpp".into(),
        name: Some("a".into()),
        credentials: json!({}),
        settings: Value::Null,
    };

    insta::assert_snapshot!(setting.apps.connect(&setting.permit, new).await.unwrap_err(), @"provider: no loaded plugin brings a provider `htpp`");
}

#[tokio::test]
async fn what_is_not_given_stays() {
    let setting = Setting::new().await;
    let app = setting
        .connect(
            json!({"scheme": "bearer", "token": TOKEN}),
            json!({"apiVersion": "2"}),
        )
        .await
        .unwrap();
    let renamed = UpdateApp {
        name: Some("Partner 2".into()),
        ..UpdateApp::default()
    };
    let renamed = setting
        .apps
        .update(&setting.permit, app.id, renamed)
        .await
        .unwrap();
    let credentials =
        Some(json!({"scheme": "basic", "username": "ada", "password": "planted-other-1234"}));
    let changed = UpdateApp {
        credentials,
        ..UpdateApp::default()
    };
    let changed = setting
        .apps
        .update(&setting.permit, app.id, changed)
        .await
        .unwrap();

    assert_eq!(
        (renamed.name.as_str(), &renamed.sealed),
        ("Partner 2", &app.sealed)
    );
    assert_eq!(
        (changed.name.as_str(), changed.masked.as_str()),
        ("Partner 2", "••••1234")
    );
    assert_eq!(changed.settings, app.settings);
    assert!(app.revision < renamed.revision && renamed.revision < changed.revision);
}

#[tokio::test]
async fn another_workspace_finds_nothing() {
    let setting = Setting::new().await;
    let app = setting
        .connect(json!({"scheme": "bearer", "token": TOKEN}), Value::Null)
        .await
        .unwrap();
    let other = Permit::<ManageApps>::system(setting.store.clock().id(), "test");

    let said = [
        setting
            .apps
            .update(&other, app.id, UpdateApp::default())
            .await
            .unwrap_err()
            .to_string(),
        setting
            .apps
            .set_active(&other, app.id, false)
            .await
            .unwrap_err()
            .to_string(),
        setting
            .apps
            .disconnect(&other, app.id, false)
            .await
            .unwrap_err()
            .to_string(),
    ];
    assert_eq!(said, ["there is no such connected app or resource"; 3]);
}

#[tokio::test]
async fn a_disconnected_app_is_gone() {
    let setting = Setting::new().await;
    let app = setting
        .connect(json!({"scheme": "bearer", "token": TOKEN}), Value::Null)
        .await
        .unwrap();
    setting
        .apps
        .disconnect(&setting.permit, app.id, false)
        .await
        .unwrap();

    let left = connected_app::list(
        setting.store.reader(),
        &setting.permit.read(),
        &connected_app::ConnectedAppFilter::default(),
        Page::default(),
    )
    .await
    .unwrap();
    assert!(left.items.is_empty());
}
