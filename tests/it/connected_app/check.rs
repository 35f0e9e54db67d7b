//! Whether a provider takes credentials: before they are stored, when somebody asks, and from time to time.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Postmark, Reply, Setup, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    credentials_that_the_provider_refuses_are_not_stored,
    a_provider_that_cannot_be_asked_says_so,
    new_credentials_are_tested_too,
    an_app_is_checked_when_somebody_asks,
    each_change_of_status_is_an_event,
    apps_are_checked_from_time_to_time,
    a_provider_without_a_test_is_not_checked,
];

const APP: &str =
    "connectedApp { name status active isDefault maskedCredential lastHealthCheck { ok message } }";
const EVENTS: &str = "subscription { events(types: [\"connected_app.connected\", \"connected_app.error\", \"connected_app.needs_reauth\", \"connected_app.inactive\"]) { event { type data } } }";

async fn credentials_that_the_provider_refuses_are_not_stored(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    postmark.refuse();
    let owner = jackfield.owner();
    let refused = owner
        .mutate("connectApp", postmark.input("Mail"), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
    {
      "connectedApp": null,
      "userErrors": [
        {
          "field": [
            "input",
            "credentials"
          ],
          "code": "CREDENTIALS_REFUSED",
          "message": "Postmark does not take these credentials: the server token was refused, or is missing: api.postmarkapp.com answered 401: Request does not contain a valid Server token."
        }
      ]
    }
    "#);
    }
    let apps = owner.data("{ connectedApps { totalCount } }").await?;
    assert_eq!(apps["connectedApps"]["totalCount"], 0);

    let mut untested = postmark.input("Mail");
    untested["skipTest"] = true.into();
    let stored = owner.succeed("connectApp", untested, APP).await?;
    allow_duplicates! {
        assert_json_snapshot!(stored, @r#"
    {
      "connectedApp": {
        "name": "Mail",
        "status": "CONNECTED",
        "active": true,
        "isDefault": true,
        "maskedCredential": "••••1234",
        "lastHealthCheck": null
      },
      "userErrors": []
    }
    "#);
    }
    let requests = postmark.outside.requests();
    let [asked] = requests.as_slice() else {
        anyhow::bail!("{requests:?}");
    };
    assert_eq!(
        (asked.method.as_str(), asked.path.as_str()),
        ("GET", "/server")
    );
    assert_eq!(asked.header("x-postmark-server-token"), "server-token-1234");
    jackfield.finish().await
}

async fn a_provider_that_cannot_be_asked_says_so(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    postmark.fail();
    let owner = jackfield.owner();
    let answer = owner
        .mutate("connectApp", postmark.input("Mail"), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(answer, @r#"
    {
      "connectedApp": null,
      "userErrors": [
        {
          "field": [
            "input",
            "credentials"
          ],
          "code": "PROVIDER_UNREACHABLE",
          "message": "Postmark could not be asked whether it takes these credentials: api.postmarkapp.com answered 503. Try again, or store them untested with `skipTest: true`"
        }
      ]
    }
    "#);
    }
    postmark.accept();
    let connected = owner
        .succeed("connectApp", postmark.input("Mail"), APP)
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(connected, @r#"
    {
      "connectedApp": {
        "name": "Mail",
        "status": "CONNECTED",
        "active": true,
        "isDefault": true,
        "maskedCredential": "••••1234",
        "lastHealthCheck": {
          "ok": true,
          "message": "Example Production"
        }
      },
      "userErrors": []
    }
    "#);
    }
    jackfield.finish().await
}

async fn new_credentials_are_tested_too(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.refuse();
    let new = json!({"connectedAppId": app, "credentials": {"serverToken": "server-token-9999"}});
    let refused = owner.mutate("updateConnectedApp", new.clone(), APP).await?;
    assert_eq!(refused["userErrors"][0]["code"], "CREDENTIALS_REFUSED");
    let document = "query($id: ID!) { connectedApp(id: $id) { maskedCredential } }";
    let data = owner.data_with(document, json!({"id": app})).await?;
    assert_eq!(data["connectedApp"]["maskedCredential"], "••••1234");

    postmark.accept();
    let changed = owner.succeed("updateConnectedApp", new, APP).await?;
    assert_eq!(changed["connectedApp"]["maskedCredential"], "••••9999");
    let tested = postmark.outside.requests_to("/server");
    let tokens: Vec<_> = tested
        .iter()
        .map(|request| request.header("x-postmark-server-token"))
        .collect();
    assert_eq!(
        tokens,
        [
            "server-token-1234",
            "server-token-9999",
            "server-token-9999"
        ]
    );
    assert_eq!(
        tested[2].header("x-postmark-account-token"),
        "",
        "an absent token is no header"
    );
    jackfield.finish().await
}

async fn an_app_is_checked_when_somebody_asks(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    let mut seen = Vec::new();
    let script: [fn(&Postmark); 4] = [
        Postmark::refuse,
        Postmark::accept,
        Postmark::fail,
        Postmark::accept,
    ];
    for prepare in script {
        prepare(&postmark);
        let checked = owner
            .succeed("checkConnectedApp", json!({"connectedAppId": app}), APP)
            .await?;
        seen.push(checked["connectedApp"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(seen, @r#"
    [
      {
        "name": "Mail",
        "status": "NEEDS_REAUTH",
        "active": true,
        "isDefault": true,
        "maskedCredential": "••••1234",
        "lastHealthCheck": {
          "ok": false,
          "message": "the server token was refused, or is missing: api.postmarkapp.com answered 401: Request does not contain a valid Server token."
        }
      },
      {
        "name": "Mail",
        "status": "CONNECTED",
        "active": true,
        "isDefault": true,
        "maskedCredential": "••••1234",
        "lastHealthCheck": {
          "ok": true,
          "message": "Example Production"
        }
      },
      {
        "name": "Mail",
        "status": "ERROR",
        "active": true,
        "isDefault": true,
        "maskedCredential": "••••1234",
        "lastHealthCheck": {
          "ok": false,
          "message": "api.postmarkapp.com answered 503."
        }
      },
      {
        "name": "Mail",
        "status": "CONNECTED",
        "active": true,
        "isDefault": true,
        "maskedCredential": "••••1234",
        "lastHealthCheck": {
          "ok": true,
          "message": "Example Production"
        }
      }
    ]
    "#);
    }
    let absent = owner
        .mutate(
            "checkConnectedApp",
            json!({"connectedAppId": "app_01HF7YAT00000000000000001A"}),
            APP,
        )
        .await?;
    assert_eq!(absent["userErrors"][0]["code"], "NOT_FOUND");
    jackfield.finish().await
}

async fn each_change_of_status_is_an_event(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    let mut events = jackfield.subscribe(EVENTS, json!({})).await?;
    let id = json!({"connectedAppId": app});
    postmark.refuse();
    for _ in 0..2 {
        owner.succeed("checkConnectedApp", id.clone(), APP).await?;
    }
    postmark.accept();
    owner.succeed("checkConnectedApp", id.clone(), APP).await?;
    for active in [false, false, true] {
        let input = json!({"connectedAppId": app, "active": active});
        owner.succeed("setConnectedAppActive", input, APP).await?;
    }
    let mut told = Vec::new();
    for _ in 0..4 {
        let mut event = events.next().await?.context("an event")?["events"]["event"].take();
        assert_eq!(event["data"]["connectedAppId"].take(), app);
        told.push(event);
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
    [
      {
        "type": "connected_app.needs_reauth",
        "data": {
          "connectedAppId": null,
          "name": "Mail",
          "provider": "postmark",
          "status": "NEEDS_REAUTH",
          "previousStatus": "CONNECTED",
          "message": "the server token was refused, or is missing: api.postmarkapp.com answered 401: Request does not contain a valid Server token."
        }
      },
      {
        "type": "connected_app.connected",
        "data": {
          "connectedAppId": null,
          "name": "Mail",
          "provider": "postmark",
          "status": "CONNECTED",
          "previousStatus": "NEEDS_REAUTH",
          "message": "Example Production"
        }
      },
      {
        "type": "connected_app.inactive",
        "data": {
          "connectedAppId": null,
          "name": "Mail",
          "provider": "postmark",
          "status": "INACTIVE",
          "previousStatus": "CONNECTED",
          "message": null
        }
      },
      {
        "type": "connected_app.connected",
        "data": {
          "connectedAppId": null,
          "name": "Mail",
          "provider": "postmark",
          "status": "CONNECTED",
          "previousStatus": "INACTIVE",
          "message": null
        }
      }
    ]
    "#);
    }
    jackfield.finish().await
}

async fn apps_are_checked_from_time_to_time(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let setup = Setup::new(engine)?.environment("JACKFIELD_APP_CHECK_INTERVAL", "200ms");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    let sender = json!({"connectedAppId": app, "resourceType": "sender_email", "value": "hello@example.com"});
    let created = owner
        .succeed(
            "createResource",
            sender,
            "resource { id verificationStatus }",
        )
        .await?;
    assert_eq!(created["resource"]["verificationStatus"], "UNVERIFIED");

    // What the provider says of resources is brought up to date on the way.
    let updates =
        "subscription { resourceUpdates { resource { value isDefault verificationStatus } } }";
    let mut updates = jackfield.subscribe(updates, json!({})).await?;
    postmark.senders(&[("hello@example.com", true)]);
    let mut verified = Value::Null;
    while verified["isDefault"] != true {
        verified =
            updates.next().await?.context("an update")?["resourceUpdates"]["resource"].take();
    }
    assert_eq!(verified["verificationStatus"], "VERIFIED");

    // One failure is no error yet, two are.
    let mut events = jackfield.subscribe(EVENTS, json!({})).await?;
    postmark.outside.answer(
        "/server",
        [
            Reply::json(503, &json!({})),
            Reply::json(200, &json!({"Name": "Example Production"})),
            Reply::json(503, &json!({})),
        ],
    );
    let mut told = events.next().await?.context("an event")?["events"]["event"].take();
    told["data"]["connectedAppId"].take();
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
    {
      "type": "connected_app.error",
      "data": {
        "connectedAppId": null,
        "name": "Mail",
        "provider": "postmark",
        "status": "ERROR",
        "previousStatus": "CONNECTED",
        "message": "api.postmarkapp.com answered 503."
      }
    }
    "#);
    }
    assert!(postmark.outside.requests_to("/server").len() >= 5);
    postmark.accept();
    let told = events.next().await?.context("an event")?;
    assert_eq!(told["events"]["event"]["type"], "connected_app.connected");
    jackfield.finish().await
}

async fn a_provider_without_a_test_is_not_checked(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"provider": "http", "credentials": {"scheme": "bearer", "token": "t-1111"}});
    let connected = owner
        .succeed(
            "connectApp",
            input,
            "connectedApp { id name status lastHealthCheck { ok } }",
        )
        .await?;
    let app = &connected["connectedApp"];
    assert_eq!(
        app["name"], "HTTP API",
        "an app without a name is called what its provider is"
    );
    assert_eq!(
        (&app["status"], &app["lastHealthCheck"]),
        (&json!("CONNECTED"), &Value::Null)
    );
    let checked = owner
        .mutate(
            "checkConnectedApp",
            json!({"connectedAppId": app["id"]}),
            APP,
        )
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(checked, @r#"
    {
      "connectedApp": null,
      "userErrors": [
        {
          "field": [
            "input",
            "connectedAppId"
          ],
          "code": "CONFLICT",
          "message": "the plugin of `http` has no test for credentials, and so nothing can check this app"
        }
      ]
    }
    "#);
    }
    jackfield.finish().await
}
