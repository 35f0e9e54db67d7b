use jackfield_connected_apps::{AppError, NewResource, UpdateResource};
use jackfield_storage::{
    Page,
    access::{ManageApps, Permit},
    ids::ConnectedAppId,
    resource::{self, ResourceFilter, ResourceStatus},
};
use serde_json::{Value, json};

use crate::setting::Setting;

async fn connect(setting: &Setting) -> ConnectedAppId {
    let credentials =
        json!({"scheme": "oauth2_client_credentials", "clientId": "id", "clientSecret": "s3cret"});
    let app = setting.connect_to("greedy", credentials, Value::Null).await;
    app.unwrap().id
}

fn model(app: ConnectedAppId, value: &str) -> NewResource {
    NewResource {
        app,
        resource_type: "model_preference".into(),
        value: value.into(),
        label: None,
    }
}

#[tokio::test]
async fn what_the_provider_cannot_be_asked_about_counts_as_verified() {
    let setting = Setting::new().await;
    let app = connect(&setting).await;
    let add = |value| {
        setting
            .apps
            .create_resource(&setting.permit, model(app, value))
    };
    let wrong = add("gpt").await.unwrap_err();
    let added = add("claude-opus").await.unwrap();
    let second = add("claude-haiku").await.unwrap_err();

    insta::assert_snapshot!(wrong, @"value: must match the regular expression ^claude-");
    assert_eq!(
        (added.status, added.is_default),
        (ResourceStatus::Verified, true)
    );
    insta::assert_snapshot!(second, @"resourceType: a connected app of A provider whose manifest names a token endpoint that is none of its hosts holds at most 1 of the type Model: delete one that is not needed");
}

#[tokio::test]
async fn another_workspace_finds_no_resource() {
    let setting = Setting::new().await;
    let app = connect(&setting).await;
    let apps = &setting.apps;
    let own = apps.create_resource(&setting.permit, model(app, "claude-opus"));
    let id = own.await.unwrap().id;
    let other = Permit::<ManageApps>::system(setting.store.clock().id(), "test");

    let said = [
        apps.update_resource(&other, id, UpdateResource::default())
            .await
            .map(drop),
        apps.set_default_resource(&other, id).await.map(drop),
        apps.verify_resource(&other, id).await.map(drop),
        apps.delete_resource(&other, id).await.map(drop),
        apps.create_resource(&other, model(app, "claude-opus"))
            .await
            .map(drop),
        apps.import_resources(&other, app, "model_preference")
            .await
            .map(drop),
        apps.check(&other, app).await.map(drop),
        apps.set_default(&other, app).await.map(drop),
        apps.disconnect(&other, app, true).await.map(drop),
    ]
    .map(|result: Result<(), AppError>| result.unwrap_err().to_string());
    let (absent, no_app) = (
        "there is no such connected app or resource",
        "connectedAppId: there is no such connected app in this workspace",
    );
    assert_eq!(
        said,
        [
            absent, absent, absent, absent, no_app, no_app, absent, absent, absent
        ]
    );
    let (db, read) = (setting.store.reader(), other.read());
    let filter = ResourceFilter::default();
    assert!(resource::find(db, &read, id).await.unwrap().is_none());
    assert!(
        resource::find_many(db, &read, &[id])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        resource::of_apps(db, &read, &[app])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        resource::wanted(db, &read, app, &[id])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        resource::changes_after(db, &read, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let listed = resource::list(db, &read, &filter, Page::default())
        .await
        .unwrap();
    assert!(listed.items.is_empty());
    assert_eq!(resource::count(db, &read, &filter).await.unwrap(), 0);
}
