//! What a person has granted, where storing it does not go well.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::State, routing::post};
use bytes::Bytes;
use http::{HeaderMap, Method};
use jackfield_connected_apps::{AppChoice, AppError, Callback, Secret};
use jackfield_plugin_host::{OutgoingRequest, Services};
use jackfield_storage::{
    StorageError,
    connected_app::{self, ConnectedApp},
    sea_orm::ConnectionTrait,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::sleep};

use crate::setting::{Setting, account};

const SLOT: &str = "default";

/// How often the token endpoint was asked, and for what.
type Asked = Arc<Mutex<Vec<String>>>;

/// A token endpoint whose access tokens are `at_1`, `at_2`, … and whose refresh tokens work once. Returns its origin.
async fn token_endpoint(asked: Asked) -> String {
    let router = Router::new().route("/token", post(token)).with_state(asked);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

async fn token(State(asked): State<Asked>, body: String) -> String {
    let form: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).collect();
    let field = |name: &str| {
        let found = form.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, value)| value.to_string())
            .unwrap_or_default()
    };
    let mut asked = asked.lock();
    let proof = format!("{}{}", field("code"), field("refresh_token"));
    if asked.contains(&proof) {
        return json!({"error": "invalid_grant"}).to_string();
    }
    asked.push(proof);
    let number = asked.len();
    let (access, refresh) = (format!("at_{number}"), format!("rt_{number}"));
    json!({"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 3600})
        .to_string()
}

/// An app to which somebody has granted access.
async fn granted(setting: &Setting, origin: &str) -> ConnectedApp {
    let credentials = json!({"clientId": "jackfield", "clientSecret": "s3cret-and-long"});
    let settings =
        json!({"origins": {"https://api.ledger.example": origin}, "companyName": "Acme"});
    let app = setting
        .connect_to("ledger", credentials, settings)
        .await
        .unwrap();
    let redirect = "http://127.0.0.1:8080/oauth/callback".parse().unwrap();
    let started = setting
        .apps
        .start_oauth(&setting.permit, app.id, &redirect, None)
        .await
        .unwrap();
    let mut query = started.authorization_url.query_pairs();
    let (_, state) = query.find(|(name, _)| name == "state").unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let callback = Callback {
        state: state.into_owned(),
        code: Some(Secret::new("code_1".to_owned())),
        error: None,
        others: vec![pair("realmId", "4711"), pair("session_state", "x")],
    };
    setting.apps.complete_oauth(callback).await.unwrap().app
}

#[tokio::test]
async fn nobody_is_sent_away_for_tokens_of_a_host_that_was_not_granted() {
    let setting = Setting::new().await;
    let credentials = json!({"scheme": "oauth2", "clientId": "id", "clientSecret": "s3cret"});
    let app = setting.connect_to("greedy", credentials, Value::Null);
    let app = app.await.unwrap();
    let redirect = "http://127.0.0.1:8080/oauth/callback".parse().unwrap();
    let started = setting
        .apps
        .start_oauth(&setting.permit, app.id, &redirect, None);
    let Err(AppError::Rejected(problems)) = started.await else {
        panic!("a person is sent away");
    };
    insta::assert_snapshot!(problems[0].message, @"the plugin greedy may not reach collector.example: that host is not granted. To grant it, run `jackfield plugin grant greedy --hosts collector.example`");
}

/// What a request of the app carries.
async fn authorized(setting: &Setting, app: &ConnectedApp, refused: bool) -> Value {
    let services = setting
        .apps
        .services(
            setting.workspace,
            setting.run,
            AppChoice::Named(app.id),
            account(),
        )
        .await
        .unwrap();
    let get = || OutgoingRequest {
        method: Method::GET,
        url: "https://api.ledger.example/books".parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    let mut request = get();
    services.authorize(SLOT, &mut request).await.unwrap();
    if refused {
        assert!(services.renew(SLOT).await);
        request = get();
        services.authorize(SLOT, &mut request).await.unwrap();
    }
    request.headers["authorization"].to_str().unwrap().into()
}

/// Has the database refuse or take new tokens.
async fn set_away(setting: &Setting, away: bool) {
    let sql = match away {
        true => {
            "CREATE TRIGGER away BEFORE UPDATE OF sealed ON app_grants \
             BEGIN SELECT RAISE(FAIL, 'the database is away'); END"
        }
        false => "DROP TRIGGER away",
    };
    let done = setting.store.writer().call(&setting.permit, move |call| {
        Box::pin(async move {
            call.db().execute_unprepared(sql).await?;
            Ok::<_, StorageError>(())
        })
    });
    done.await.unwrap();
}

#[tokio::test]
async fn what_a_person_comes_back_with_is_kept_among_the_settings() {
    let setting = Setting::new().await;
    let origin = token_endpoint(Asked::default()).await;
    let app = granted(&setting, &origin).await;

    let read = setting.permit.read();
    let stored = connected_app::find(setting.store.reader(), &read, app.id).await;
    let settings = stored.unwrap().unwrap().settings.value();
    assert_eq!(
        (&settings["realmId"], &settings["companyName"]),
        (&json!("4711"), &json!("Acme"))
    );
    assert!(settings.get("session_state").is_none(), "{settings}");
    let services = setting
        .apps
        .services(
            setting.workspace,
            setting.run,
            AppChoice::Named(app.id),
            account(),
        )
        .await
        .unwrap();
    let seen = Value::Object(services.settings());
    assert_eq!(seen, json!({"realmId": "4711", "companyName": "Acme"}));
}

#[tokio::test]
async fn tokens_that_cannot_be_stored_at_once_are_not_lost() {
    let setting = Arc::new(Setting::new().await);
    let asked = Asked::default();
    let origin = token_endpoint(asked.clone()).await;
    let app = granted(&setting, &origin).await;
    assert_eq!(authorized(&setting, &app, false).await, "Bearer at_1");

    set_away(&setting, true).await;
    let waiting = tokio::spawn({
        let (setting, app) = (setting.clone(), app.clone());
        async move { authorized(&setting, &app, true).await }
    });
    while asked.lock().len() < 2 {
        sleep(Duration::from_millis(5)).await;
    }
    // Storing fails at least once, and whoever wanted the token gives up.
    sleep(Duration::from_millis(100)).await;
    assert!(
        !waiting.is_finished(),
        "nobody has a token that is not stored"
    );
    waiting.abort();
    set_away(&setting, false).await;

    assert_eq!(authorized(&setting, &app, false).await, "Bearer at_2");
    assert_eq!(
        *asked.lock(),
        ["code_1", "rt_1"],
        "the refresh token was used once"
    );
    // It is refreshed with what was got.
    assert_eq!(authorized(&setting, &app, true).await, "Bearer at_3");
}
