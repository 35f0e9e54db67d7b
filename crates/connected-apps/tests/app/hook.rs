use jackfield_connected_apps::Secret;
use jackfield_storage::{
    connected_app::ConnectedApp,
    inbound_hook::{self, HookConfig, InboundHook, Scheme},
};
use serde_json::{Value, json};

use crate::setting::Setting;

async fn hooks(setting: &Setting, app: &ConnectedApp) -> Vec<InboundHook> {
    let read = setting.permit.read();
    inbound_hook::of_apps(setting.store.reader(), &read, &[app.id])
        .await
        .unwrap()
}

#[tokio::test]
async fn an_app_whose_provider_sends_gets_a_hook_that_goes_with_it() {
    let setting = Setting::new().await;
    let credentials = json!({"secretKey": "sk_test_1", "webhookSecret": "whsec_of_the_app"});
    let app = setting.connect_to("stripe", credentials, Value::Null).await;
    let app = app.unwrap();
    let made = hooks(&setting, &app).await;

    let config: HookConfig = made[0].config.parse().unwrap();
    assert_eq!(
        (made.len(), config.scheme, made[0].active),
        (1, Scheme::Stripe, true)
    );
    assert_eq!(made[0].token.len(), 40);
    // What it signs with is the app's, and stays sealed there.
    assert_eq!(made[0].sealed_secret, None);
    let secret = setting.apps.webhook_secret(app.clone()).unwrap();
    let shown: Vec<&str> = secret
        .live(setting.clock.now())
        .iter()
        .map(Secret::expose)
        .collect();
    assert_eq!(shown, ["whsec_of_the_app"]);

    let before = setting.store.hook_changes();
    setting
        .apps
        .disconnect(&setting.permit, app.id, false)
        .await
        .unwrap();
    assert_eq!(hooks(&setting, &app).await, []);
    assert!(setting.store.hook_changes() > before, "nobody was told");
}

#[tokio::test]
async fn an_app_of_which_nothing_is_known_gets_none() {
    let setting = Setting::new().await;
    let credentials = json!({"scheme": "bearer", "token": "tok_1"});
    let app = setting.connect(credentials, Value::Null).await.unwrap();

    assert_eq!(hooks(&setting, &app).await, []);
    assert!(setting.apps.webhook_secret(app).is_none());
}
