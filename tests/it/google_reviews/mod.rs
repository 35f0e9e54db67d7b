//! The plugin `google-reviews`, from the key or the owner's grant to the rating and the reviews.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, GoogleReviews, Jackfield, Reply, node_of_app, on_both_engines, start_then_or_excuse,
    step,
};
use serde_json::{Value, json};

on_both_engines![
    a_key_is_tested_before_it_is_stored,
    a_rating_is_shown,
    an_owner_grants_access_to_all_reviews,
    what_goes_wrong_leaves_by_the_error_port,
    what_is_under_way_is_asked_again,
];

/// A workflow that shows what a place is rated.
fn rates(app: &Value) -> Value {
    let config = json!({"operation": "get_rating", "place": "{{ trigger.body.place }}"});
    start_then_or_excuse(node_of_app("rate", "google-reviews", app, config))
}

fn place() -> Value {
    json!({"place": "ChIJAcme"})
}

async fn a_key_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let google = GoogleReviews::start().await?;
    let jackfield = Jackfield::with(engine, &["google-reviews"]).await?;
    let owner = jackfield.owner();
    let shown = "connectedApp { status active maskedCredential lastHealthCheck { ok message } }";
    let connected = owner.succeed("connectApp", google.input(), shown).await?;
    let said = "API key not valid. Please pass a valid API key.";
    let invalid = || GoogleReviews::error(400, "INVALID_ARGUMENT", "API_KEY_INVALID", said);
    google.outside.answer(GoogleReviews::TEST, [invalid()]);
    google.outside.answer("/v1/accounts", [invalid()]);
    let refused = owner
        .mutate("connectApp", google.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(json!([connected["connectedApp"], refused["userErrors"]]), @r#"
        [
          {
            "status": "CONNECTED",
            "active": true,
            "maskedCredential": "••••ests",
            "lastHealthCheck": {
              "ok": true,
              "message": "a key for places"
            }
          },
          [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Google Reviews does not take these credentials: places.googleapis.com answered 400: API key not valid. Please pass a valid API key."
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_rating_is_shown(engine: Engine) -> Result<()> {
    let google = GoogleReviews::start().await?;
    let jackfield = Jackfield::with(engine, &["google-reviews"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let run = owner.run_once(rates(&app), place()).await?;
    assert_eq!(
        step(&run, "rate")["output"],
        json!({"rating": 4.6, "count": 128, "name": "Acme Cleaning", "url": "https://maps.google.com/?cid=4711"}),
        "{run:#}"
    );
    let asked = &google.outside.requests_to(GoogleReviews::PLACE)[0];
    assert_eq!(asked.header("x-goog-api-key"), "AIzaSyA-key-of-the-tests");
    assert_eq!(
        asked.header("x-goog-fieldmask"),
        "id,displayName,rating,userRatingCount,googleMapsUri"
    );
    assert!(!run.to_string().contains("AIzaSyA"), "{run:#}");
    jackfield.finish().await
}

async fn an_owner_grants_access_to_all_reviews(engine: Engine) -> Result<()> {
    let google = GoogleReviews::start().await?;
    let token = json!({
        "access_token": "ya29.granted", "refresh_token": "1//refresh", "token_type": "Bearer", "expires_in": 3599,
        "scope": "https://www.googleapis.com/auth/business.manage",
    });
    google.outside.answer("/token", [Reply::json(200, &token)]);
    let beyond = GoogleReviews::error(
        403,
        "PERMISSION_DENIED",
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "Request had insufficient authentication scopes.",
    );
    google.outside.answer(GoogleReviews::TEST, [beyond]);
    let account = json!({"accounts": [{"name": "accounts/4711", "accountName": "Acme Cleaning"}]});
    google
        .outside
        .answer("/v1/accounts", [Reply::json(200, &account)]);
    let jackfield = Jackfield::with(engine, &["google-reviews"]).await?;
    let owner = jackfield.owner();
    let mut input = google.input();
    input["credentials"] =
        json!({"scheme": "oauth2", "clientId": "client", "clientSecret": "GOCSPX-secret"});
    let app = owner.connect_app(input).await?;
    let input = json!({"connectedAppId": app});
    let started = owner
        .succeed("startOAuth", input, "authorizationUrl")
        .await?;
    let url = started["authorizationUrl"].as_str().context("a URL")?;
    let url = reqwest::Url::parse(url)?;
    let asked = |name: &str| {
        let named = url.query_pairs().find(|(other, _)| other == name);
        named.map(|(_, value)| value.into_owned())
    };
    assert_eq!(
        asked("scope").as_deref(),
        Some("https://www.googleapis.com/auth/business.manage")
    );
    let state = asked("state").context("a state")?;
    let back = jackfield.url(&format!("/oauth/callback?code=of-the-owner&state={state}"));
    let back = reqwest::get(back).await?;
    assert_eq!(back.status(), 200, "{}", back.text().await?);
    let config = json!({"operation": "list_reviews", "account": "4711", "location": "815", "order": "worst"});
    let definition = start_then_or_excuse(node_of_app("list", "google-reviews", &app, config));
    let run = owner.run_once(definition, json!({})).await?;
    let review = &step(&run, "list")["output"]["items"][0];
    assert_eq!(review["rating"], 2, "{run:#}");
    assert_eq!(review["text"], "Came late.");
    let asked = &google.outside.requests_to(GoogleReviews::LOCATION)[0];
    assert_eq!(asked.header("authorization"), "Bearer ya29.granted");
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let google = GoogleReviews::start().await?;
    let jackfield = Jackfield::with(engine, &["google-reviews"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let mut definition = rates(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    let gone = "The Place ID is no longer valid.";
    for reply in [
        GoogleReviews::error(404, "NOT_FOUND", "", gone),
        Reply::hang(),
    ] {
        google.outside.answer(GoogleReviews::PLACE, [reply]);
        let run = owner.run_once(definition.clone(), place()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "NOT_FOUND",
            "message": "places.googleapis.com answered 404: The Place ID is no longer valid.",
            "data": {
              "error": {
                "code": 404,
                "message": "The Place ID is no longer valid.",
                "status": "NOT_FOUND"
              }
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    let often = GoogleReviews::error(
        429,
        "RESOURCE_EXHAUSTED",
        "RATE_LIMIT_EXCEEDED",
        "Quota exceeded.",
    );
    let replies = [often.header("retry-after", "0"), GoogleReviews::place()];
    google.outside.answer(GoogleReviews::PLACE, replies);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, place()).await?;
    assert_eq!(step(&run, "rate")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "rate")["attempt"], 2, "{run:#}");
    jackfield.finish().await
}

async fn what_is_under_way_is_asked_again(engine: Engine) -> Result<()> {
    let google = GoogleReviews::start().await?;
    let mut jackfield = Jackfield::with(engine, &["google-reviews"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let earlier = google.outside.requests().len();
    let replies = [Reply::hang(), GoogleReviews::place()];
    google.outside.answer(GoogleReviews::PLACE, replies);
    let workflow = owner.publish("Rate", rates(&app)).await?;
    let run = owner.start_run(&workflow, place()).await?;
    google.outside.wait_for(earlier + 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    // Asking changes nothing, so nobody has to be asked.
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(google.outside.requests_to(GoogleReviews::PLACE).len(), 2);
    jackfield.finish().await
}
