use bytes::Bytes;
use http::{HeaderMap, Method};
use jackfield_connected_apps::AppChoice;
use jackfield_plugin_host::{OutgoingRequest, Services};
use jackfield_storage::ids::RunId;
use serde_json::{Value, json};

use crate::setting::{Setting, account};

const SLOT: &str = "default";

fn get(url: &str) -> OutgoingRequest {
    OutgoingRequest {
        method: Method::GET,
        url: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    }
}

#[tokio::test]
async fn a_step_sends_the_credential_of_its_app_to_the_origin_of_its_settings() {
    let setting = Setting::new().await;
    let settings = json!({"origins": {"https://api.example.com": "http://127.0.0.1:12111"}, "apiVersion": "2"});
    let app = setting
        .connect(json!({"scheme": "bearer", "token": "tok_1"}), settings)
        .await
        .unwrap();
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
    let mut request = get("https://api.example.com/v1?a=b");
    services.authorize(SLOT, &mut request).await.unwrap();
    services.reroute(&mut request.url);

    assert_eq!(request.headers["authorization"], "Bearer tok_1");
    assert!(request.headers["authorization"].is_sensitive());
    assert_eq!(request.url.as_str(), "http://127.0.0.1:12111/v1?a=b");
    assert_eq!(services.provider(), Some("http"));
    assert_eq!(
        Value::Object(services.settings()),
        json!({"apiVersion": "2"})
    );
    assert!(
        !services.renew(SLOT).await,
        "a fixed token does not become another one"
    );
}

#[tokio::test]
async fn settings_restrict_the_hosts() {
    let setting = Setting::new().await;
    let settings = json!({"hosts": ["*.example.com"]});
    let app = setting
        .connect(json!({"scheme": "bearer", "token": "tok_1"}), settings)
        .await
        .unwrap();
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

    assert!(services.grants(SLOT, &"https://api.example.com/".parse().unwrap()));
    assert!(!services.grants(SLOT, &"https://api.example.net/".parse().unwrap()));
}

#[tokio::test]
async fn a_manifest_cannot_have_a_secret_sent_to_a_host_that_was_not_granted() {
    let setting = Setting::new().await;
    let mut refused = Vec::new();
    for credentials in [
        json!({"scheme": "oauth2_client_credentials", "clientId": "id", "clientSecret": "s3cret"}),
        json!({"scheme": "jwt_bearer", "privateKey": "s3cret"}),
        json!({"scheme": "oauth2", "clientId": "id", "clientSecret": "s3cret"}),
    ] {
        let app = setting.connect_to("greedy", credentials, Value::Null);
        let choice = AppChoice::Named(app.await.unwrap().id);
        let services = setting
            .apps
            .services(setting.workspace, setting.run, choice, account())
            .await
            .unwrap();
        let mut request = get("https://api.acme.example/v1");
        let error = services.authorize(SLOT, &mut request).await.unwrap_err();
        refused.push(error.to_string());
    }
    refused.dedup();
    insta::assert_snapshot!(refused.join("\n"), @"HOST_NOT_GRANTED: the plugin greedy may not reach collector.example: that host is not granted. To grant it, run `jackfield plugin grant greedy --hosts collector.example`");
}

#[tokio::test]
async fn an_app_that_cannot_be_used_fails_the_step_with_a_clear_code() {
    let setting = Setting::new().await;
    let app = setting
        .connect(json!({"scheme": "bearer", "token": "tok_1"}), Value::Null)
        .await
        .unwrap();
    setting
        .apps
        .set_active(&setting.permit, app.id, false)
        .await
        .unwrap();
    let services = |app| {
        setting
            .apps
            .services(setting.workspace, setting.run, app, account())
    };
    let inactive = services(AppChoice::Named(app.id))
        .await
        .map(|_| ())
        .unwrap_err();
    setting
        .apps
        .disconnect(&setting.permit, app.id, false)
        .await
        .unwrap();
    let gone = services(AppChoice::Named(app.id))
        .await
        .map(|_| ())
        .unwrap_err();
    let none = services(AppChoice::None)
        .await
        .unwrap()
        .authorize(SLOT, &mut get("https://a.example/"))
        .await
        .unwrap_err();

    insta::assert_snapshot!(inactive, @"APP_INACTIVE: the connected app `Partner` is switched off: switch it on to let steps use it");
    assert_eq!(gone.code, "APP_NOT_FOUND");
    insta::assert_snapshot!(none, @"APP_NOT_FOUND: the node has no connected app for `default`: choose one in the node");
}

#[tokio::test]
async fn a_blob_is_read_by_its_own_run_only() {
    let setting = Setting::new().await;
    let services = setting
        .apps
        .services(setting.workspace, setting.run, AppChoice::None, account())
        .await
        .unwrap();
    let stored = services
        .store_blob(Bytes::from_static(b"\x89PNG0123"), "image/png")
        .await;
    let Ok(stored) = stored else {
        panic!("{stored:?}")
    };
    let part = services.read_blob(&stored.id, 4, 2).await.unwrap();
    let past = services.read_blob(&stored.id, 100, u64::MAX).await.unwrap();
    let other = setting
        .apps
        .services(
            setting.workspace,
            setting.store.clock().id::<RunId>(),
            AppChoice::None,
            account(),
        )
        .await
        .unwrap();

    assert_eq!(
        (stored.size, part.size, part.content_type.as_str()),
        (8, 8, "image/png")
    );
    assert_eq!(
        (part.bytes.as_ref(), past.bytes.as_ref()),
        (b"01".as_slice(), b"".as_slice())
    );
    assert_eq!(
        other.read_blob(&stored.id, 0, 1).await.unwrap_err().code,
        "BLOB_NOT_FOUND"
    );
}
