//! Access that a person grants in the browser, and that is kept up without them.

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use insta::{allow_duplicates, assert_json_snapshot, assert_snapshot};
use jackfield_tests::jwt::ServiceKey;
use jackfield_tests::{
    Client, ConsentServer, Engine, Jackfield, Receiver, Reply, Setup, node, on_both_engines,
    start_then,
};
use serde_json::{Value, json};

on_both_engines![
    a_person_grants_access_and_steps_use_it,
    a_link_is_good_for_one_return,
    who_says_no_is_told_so,
    many_steps_share_one_refresh,
    a_refused_token_is_refreshed_once,
    withdrawn_access_needs_a_person_again,
    an_outage_of_the_token_endpoint_passes,
    other_credentials_need_other_access,
    a_service_account_proves_itself_with_its_key,
];

const APP: &str = "connectedApp { id status settings lastHealthCheck { ok message } }";
const START: &str = "authorizationUrl expiresAt";

fn credentials(consent: &ConsentServer) -> Value {
    json!({
        "scheme": "oauth2_authorization_code", "authorizeUrl": consent.url("/authorize?tenant=7"),
        "tokenUrl": consent.url("/token"), "clientId": "client", "clientSecret": "s3cret&more", "scope": "read write",
    })
}

async fn connect(client: &Client, consent: &ConsentServer) -> Result<Value> {
    let input =
        json!({"provider": "http", "name": "Books <&> Co", "credentials": credentials(consent)});
    let mut connected = client.succeed("connectApp", input, APP).await?;
    Ok(connected["connectedApp"].take())
}

/// The link to which a person is sent.
async fn link(client: &Client, app: &Value) -> Result<String> {
    let input = json!({"connectedAppId": app["id"]});
    let started = client.succeed("startOAuth", input, START).await?;
    let url = started["authorizationUrl"].as_str();
    Ok(url.context("a URL was given")?.to_owned())
}

/// A connected app that somebody has granted access.
async fn granted(client: &Client, consent: &ConsentServer) -> Result<Value> {
    let app = connect(client, consent).await?;
    let back = consent.grant(&link(client, &app).await?).await?;
    anyhow::ensure!(back.status() == 200, "{back:?}");
    Ok(app)
}

/// What a step comes to that calls the API with the app.
async fn call(client: &Client, consent: &ConsentServer, app: &Value) -> Result<Value> {
    let mut call = node("call", "api-endpoint", json!({"url": consent.url("/api")}));
    call["connectedAppId"] = app["id"].clone();
    let run = client.run_once(start_then(call), json!({})).await?;
    Ok(jackfield_tests::step(&run, "call").clone())
}

async fn state_of(client: &Client, app: &Value) -> Result<Value> {
    let ask = "query($id: ID!) { connectedApp(id: $id) { status lastHealthCheck { ok message } } }";
    let mut data = client.data_with(ask, json!({"id": app["id"]})).await?;
    Ok(data["connectedApp"].take())
}

async fn a_person_grants_access_and_steps_use_it(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, &consent).await?;
    assert_eq!(app["status"], "NEEDS_REAUTH", "{app}");
    let early = call(&owner, &consent, &app).await?;
    assert_eq!(early["error"]["code"], "NOT_GRANTED", "{early}");

    let back = consent.grant(&link(&owner, &app).await?).await?;
    let policy = back.headers()["content-security-policy"]
        .to_str()?
        .to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = back.text().await?;
    assert!(
        page.contains("Books &lt;&amp;&gt; Co has access now"),
        "{page}"
    );
    let asked = consent.asked().remove(0);
    let shown: Vec<String> = asked
        .iter()
        .map(|(name, value)| match name.as_str() {
            "state" | "code_challenge" => format!("{name}: {} characters", value.len()),
            "redirect_uri" => format!("{name}: {}", value.replace(&jackfield.url(""), "")),
            _ => format!("{name}: {value}"),
        })
        .collect();
    allow_duplicates! {
        assert_snapshot!(shown.join("\n"), @"
        client_id: client
        code_challenge: 43 characters
        code_challenge_method: S256
        redirect_uri: /oauth/callback
        response_type: code
        scope: read write
        state: 43 characters
        tenant: 7
        ");
    }
    let step = call(&owner, &consent, &app).await?;
    assert_eq!(step["status"], "SUCCEEDED", "{step}");
    assert_eq!(state_of(&owner, &app).await?["status"], "CONNECTED");
    let stored = String::from_utf8_lossy(&jackfield.database_bytes()?).into_owned();
    for secret in ["at_1", "rt_1", "s3cret&more", "code_1"] {
        assert!(!stored.contains(secret), "{secret} is in the database");
        assert!(!jackfield.log()?.contains(secret), "{secret} is in the log");
    }
    jackfield.finish().await
}

async fn a_link_is_good_for_one_return(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, &consent).await?;
    let first = link(&owner, &app).await?;
    assert_eq!(consent.grant(&first).await?.status(), 200);
    let again = consent.grant(&first).await?;
    assert_eq!(again.status(), 400);
    assert!(
        again
            .text()
            .await?
            .contains("this link is used up or too old")
    );
    let forged = reqwest::get(jackfield.url("/oauth/callback?code=1&state=forged")).await?;
    assert_eq!(forged.status(), 400);
    let bare = reqwest::get(jackfield.url("/oauth/callback")).await?;
    assert_eq!(bare.status(), 400);
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn who_says_no_is_told_so(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    let setup = Setup::new(engine)?.environment("JACKFIELD_ALLOWED_ORIGINS", "https://app.example");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let app = connect(&owner, &consent).await?;
    let url: reqwest::Url = link(&owner, &app).await?.parse()?;
    let state = url.query_pairs().find(|(name, _)| name == "state");
    let state = state.context("a state is sent")?.1.into_owned();
    let refused = format!("/oauth/callback?error=access_denied<b>&state={state}");
    let answer = reqwest::get(jackfield.url(&refused)).await?;
    assert_eq!(answer.status(), 400);
    let page = answer.text().await?;
    assert!(
        page.contains("access was not granted (access_deniedb)"),
        "{page}"
    );

    let mut answers = Vec::new();
    for page in ["https://evil.example/x", "https://app.example/apps?tab=1"] {
        let input = json!({"connectedAppId": app["id"], "returnTo": page});
        let mut answer = owner
            .mutate("startOAuth", input, "authorizationUrl")
            .await?;
        if let Some(url) = answer["authorizationUrl"].as_str() {
            let back = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()?;
            let consented = back.get(url).send().await?;
            let callback = consented.headers()["location"].to_str()?.to_owned();
            let returned = back.get(callback).send().await?;
            let place = returned.headers()["location"].to_str()?;
            answer["returned"] = place
                .replace(app["id"].as_str().unwrap_or_default(), "[app]")
                .into();
            answer["authorizationUrl"] = "[url]".into();
        }
        answers.push(answer);
    }
    let plain = json!({"provider": "http", "name": "Plain", "credentials": {"scheme": "bearer", "token": "t"}});
    let plain = owner.succeed("connectApp", plain, APP).await?;
    let input = json!({"connectedAppId": plain["connectedApp"]["id"]});
    answers.push(
        owner
            .mutate("startOAuth", input, "authorizationUrl")
            .await?,
    );
    allow_duplicates! {
        assert_json_snapshot!(answers, @r#"
        [
          {
            "authorizationUrl": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "returnTo"
                ],
                "code": "INVALID",
                "message": "This page's origin is not allowed: add it to `allowed_origins`."
              }
            ]
          },
          {
            "authorizationUrl": "[url]",
            "userErrors": [],
            "returned": "https://app.example/apps?tab=1&connectedAppId=[app]&status=granted"
          },
          {
            "authorizationUrl": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "connectedAppId"
                ],
                "code": "CONFLICT",
                "message": "this app authenticates without a person: nothing is to be granted"
              }
            ]
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn many_steps_share_one_refresh(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    // One node on SQLite, two on PostgreSQL.
    let jackfield = Jackfield::start(engine).await?;
    let second = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Setup::node_of(&jackfield)?.start().await?),
    };
    let owner = jackfield.owner();
    consent.set_lifetime(1);
    let app = granted(&owner, &consent).await?;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    consent.set_lifetime(3600);
    let clients = [
        owner.clone(),
        second.as_ref().map_or(owner.clone(), Jackfield::owner),
    ];
    let calls = (0..12).map(|number| call(&clients[number % 2], &consent, &app));
    for step in try_join_all(calls).await? {
        assert_eq!(step["status"], "SUCCEEDED", "{step}");
    }
    assert_eq!(consent.refreshes(), 1);
    assert_eq!(state_of(&owner, &app).await?["status"], "CONNECTED");
    if let Some(second) = second {
        second.finish().await?;
    }
    jackfield.finish().await
}

async fn a_refused_token_is_refreshed_once(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = granted(&owner, &consent).await?;
    consent.end_access();
    let calls = (0..6).map(|_| call(&owner, &consent, &app));
    for step in try_join_all(calls).await? {
        assert_eq!(step["status"], "SUCCEEDED", "{step}");
    }
    assert_eq!(consent.refreshes(), 1);
    jackfield.finish().await
}

async fn withdrawn_access_needs_a_person_again(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = granted(&owner, &consent).await?;
    let follow =
        "subscription { events(types: [\"connected_app.needs_reauth\"]) { event { type data } } }";
    let mut events = jackfield.subscribe(follow, json!({})).await?;
    consent.withdraw();
    let step = call(&owner, &consent, &app).await?;
    let event = events.next().await?.context("the event is told")?;
    assert_eq!(
        event["events"]["event"]["data"]["connectedAppId"], app["id"],
        "{event}"
    );
    let mut seen = state_of(&owner, &app).await?;
    seen["step"] = step["error"].clone();
    let text = serde_json::to_string_pretty(&seen)?.replace(&consent.url(""), "[server]");
    allow_duplicates! {
        assert_snapshot!(text, @r#"
        {
          "status": "NEEDS_REAUTH",
          "lastHealthCheck": {
            "ok": false,
            "message": "the token endpoint [server] answered 400 with `invalid_grant`: check the client or account, its secret, and the scope"
          },
          "step": {
            "code": "TOKEN_REFUSED",
            "message": "the token endpoint [server] answered 400 with `invalid_grant`: check the client or account, its secret, and the scope"
          }
        }
        "#);
    }
    consent.grant(&link(&owner, &app).await?).await?;
    let step = call(&owner, &consent, &app).await?;
    assert_eq!(step["status"], "SUCCEEDED", "{step}");
    jackfield.finish().await
}

async fn an_outage_of_the_token_endpoint_passes(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = granted(&owner, &consent).await?;
    consent.end_access();
    consent.set_outage(true);
    let step = call(&owner, &consent, &app).await?;
    assert_eq!(step["error"]["code"], "TOKEN_REFUSED", "{step}");
    assert_eq!(state_of(&owner, &app).await?["status"], "CONNECTED");
    consent.set_outage(false);
    let step = call(&owner, &consent, &app).await?;
    assert_eq!(step["status"], "SUCCEEDED", "{step}");
    jackfield.finish().await
}

async fn other_credentials_need_other_access(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    // One node on SQLite, two on PostgreSQL, of which the second knows the token too.
    let jackfield = Jackfield::start(engine).await?;
    let second = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Setup::node_of(&jackfield)?.start().await?),
    };
    let owner = jackfield.owner();
    let app = granted(&owner, &consent).await?;
    for _ in 0..6 {
        let step = call(&owner, &consent, &app).await?;
        assert_eq!(step["status"], "SUCCEEDED", "{step}");
        if let Some(second) = &second {
            let step = call(&second.owner(), &consent, &app).await?;
            assert_eq!(step["status"], "SUCCEEDED", "{step}");
        }
    }
    let input = json!({"connectedAppId": app["id"], "credentials": credentials(&consent)});
    let changed = owner.succeed("updateConnectedApp", input, APP).await?;
    assert_eq!(
        changed["connectedApp"]["status"], "NEEDS_REAUTH",
        "{changed}"
    );
    let step = call(&owner, &consent, &app).await?;
    assert_eq!(step["error"]["code"], "NOT_GRANTED", "{step}");
    if let Some(second) = second {
        let step = call(&second.owner(), &consent, &app).await?;
        assert_eq!(step["error"]["code"], "NOT_GRANTED", "{step}");
        second.finish().await?;
    }
    jackfield.finish().await
}

async fn a_service_account_proves_itself_with_its_key(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let token = json!({"access_token": "at_service", "token_type": "Bearer", "expires_in": 3599});
    outside.answer("/token", [Reply::json(200, &token)]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let key = ServiceKey::generate()?;
    let account = |private_key: &str| {
        json!({"provider": "http", "name": "Robot", "credentials": {
            "scheme": "jwt_bearer", "tokenUrl": outside.url("/token"), "issuer": "robot@project.example",
            "privateKey": private_key, "keyId": "key-7", "scope": "calendar sheets", "subject": "ada@company.example",
        }})
    };
    // Copied out of a JSON document by hand.
    let pem = key.pem.replace('\n', "\\n");
    let app = owner.succeed("connectApp", account(&pem), APP).await?;
    let mut api = node("call", "api-endpoint", json!({"url": outside.url("/api")}));
    api["connectedAppId"] = app["connectedApp"]["id"].clone();
    for _ in 0..2 {
        let run = owner.run_once(start_then(api.clone()), json!({})).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run}");
    }
    let requests = outside.requests();
    let asked: Vec<_> = requests
        .iter()
        .filter(|request| request.path == "/token")
        .collect();
    assert_eq!(asked.len(), 1, "{requests:?}");
    let form = reqwest::Url::parse(&format!("http://form/?{}", asked[0].text()))?;
    let form: std::collections::BTreeMap<_, _> = form.query_pairs().into_owned().collect();
    assert_eq!(
        form["grant_type"],
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    let (header, mut claims) = key.verified(&form["assertion"])?;
    let lifetime = claims["exp"]
        .as_i64()
        .zip(claims["iat"].as_i64())
        .map(|(end, start)| end - start);
    claims["exp"] = json!(lifetime);
    claims["iat"] = 0.into();
    claims["aud"] = claims["aud"]
        .as_str()
        .unwrap_or_default()
        .replace(&outside.url(""), "[server]")
        .into();
    allow_duplicates! {
        assert_json_snapshot!([header, claims], @r#"
        [
          {
            "typ": "JWT",
            "alg": "RS256",
            "kid": "key-7"
          },
          {
            "iss": "robot@project.example",
            "scope": "calendar sheets",
            "aud": "[server]/token",
            "sub": "ada@company.example",
            "iat": 0,
            "exp": 3600
          }
        ]
        "#);
    }
    let wrong = owner.succeed("connectApp", account("no key"), APP).await?;
    api["connectedAppId"] = wrong["connectedApp"]["id"].clone();
    let run = owner.run_once(start_then(api), json!({})).await?;
    let error = &jackfield_tests::step(&run, "call")["error"];
    allow_duplicates! {
        assert_json_snapshot!(error, @r#"
        {
          "code": "CREDENTIAL_UNUSABLE",
          "message": "the private key of the connected app is no RSA key in PEM: enter it again, with its line breaks"
        }
        "#);
    }
    jackfield.finish().await
}
