//! Access to an account.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Google, Jackfield, on_both_engines};
use serde_json::json;

on_both_engines![
    a_service_account_is_tested_before_it_is_kept,
    a_person_grants_access,
];

const APP: &str = "connectedApp { id status lastHealthCheck { ok message } }";

async fn a_service_account_is_tested_before_it_is_kept(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let connected = owner.succeed("connectApp", google.input(), APP).await?;
    assert_eq!(connected["connectedApp"]["status"], "CONNECTED");
    assert_eq!(
        connected["connectedApp"]["lastHealthCheck"],
        json!({"ok": true, "message": "ada@example.com"})
    );
    let asked = &google.outside.requests_to("/token")[0];
    let form = form(&asked.text())?;
    let (header, claims) = google.key.verified(&form["assertion"])?;
    assert_eq!(
        (&header["alg"], &header["kid"]),
        (&json!("RS256"), &json!("key-7"))
    );
    for (name, value) in [
        ("iss", "jackfield@project.iam.gserviceaccount.com"),
        ("sub", "ada@example.com"),
        ("aud", "https://oauth2.googleapis.com/token"),
        ("scope", Google::SCOPE),
    ] {
        assert_eq!(claims[name], value);
    }
    let tested = &google
        .outside
        .requests_to("/calendar/v3/users/me/calendarList")[0];
    assert_eq!(tested.header("authorization"), "Bearer ya29.of-the-tests");

    let refusal = Google::error(401, "authError", "Invalid Credentials");
    google
        .outside
        .answer("/calendar/v3/users/me/calendarList", [refusal]);
    let refused = owner.mutate("connectApp", google.input(), APP).await?;
    assert_eq!(
        refused["userErrors"],
        json!([{
            "field": ["input", "credentials"], "code": "CREDENTIALS_REFUSED",
            "message": "Google does not take these credentials: www.googleapis.com answered 401: Invalid Credentials.",
        }])
    );
    jackfield.finish().await
}

async fn a_person_grants_access(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let input = json!({
        "provider": "google", "name": "Calendars", "settings": google.settings(),
        "credentials": {"scheme": "oauth2", "clientId": "client.apps.googleusercontent.com", "clientSecret": "GOCSPX-secret", "scope": Google::SCOPE},
    });
    let connected = owner.succeed("connectApp", input, APP).await?;
    let app = &connected["connectedApp"];
    assert_eq!(app["status"], "NEEDS_REAUTH", "{app}");
    let started = owner
        .succeed(
            "startOAuth",
            json!({"connectedAppId": app["id"]}),
            "authorizationUrl",
        )
        .await?;
    let url = started["authorizationUrl"].as_str().context("a URL")?;
    let url = reqwest::Url::parse(url)?;
    let mut asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let state = asked.remove("state").context("a state")?;
    let redirect = asked.remove("redirect_uri").context("a redirect_uri")?;
    asked.remove("code_challenge").context("a challenge")?;

    let mut back = reqwest::Url::parse(&redirect)?;
    back.query_pairs_mut()
        .append_pair("state", &state)
        .append_pair("code", "4/0of-a-person");
    let page = reqwest::get(back).await?;
    assert_eq!(page.status(), 200);
    let mut exchanged = form(&google.outside.requests_to("/token")[0].text())?;
    for name in ["code_verifier", "redirect_uri"] {
        exchanged.remove(name).context("a parameter")?;
    }
    let checked = owner
        .succeed(
            "checkConnectedApp",
            json!({"connectedAppId": app["id"]}),
            "connectedApp { status lastHealthCheck { ok message } }",
        )
        .await?;
    assert_eq!(
        checked["connectedApp"]["status"], "CONNECTED",
        "{checked:#}"
    );
    let place = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
    assert_eq!(place, "accounts.google.com/o/oauth2/v2/auth");
    for (name, value) in [
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("response_type", "code"),
        ("client_id", "client.apps.googleusercontent.com"),
        ("scope", Google::SCOPE),
    ] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value));
    }
    assert_eq!(
        (exchanged["grant_type"].as_str(), exchanged["code"].as_str()),
        ("authorization_code", "4/0of-a-person")
    );
    jackfield.finish().await
}

fn form(text: &str) -> Result<BTreeMap<String, String>> {
    let url = reqwest::Url::parse(&format!("http://form/?{text}"))?;
    Ok(url.query_pairs().into_owned().collect())
}
