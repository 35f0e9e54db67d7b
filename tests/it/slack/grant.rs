//! Access that a person grants.

use anyhow::{Context, Result};
use jackfield_tests::{
    Engine, Jackfield, Slack, node_of_app, on_both_engines, start_then_or_excuse, step,
};
use serde_json::json;

on_both_engines![a_person_lets_the_app_into_a_workspace];

async fn a_person_lets_the_app_into_a_workspace(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let token = json!({
        "access_token": "xoxb-granted", "token_type": "bot", "scope": "chat:write", "bot_user_id": "U0123456789",
        "app_id": "A0123456789", "team": {"id": "T0123456789", "name": "Acme"},
    });
    slack
        .outside
        .answer("/api/oauth.v2.access", [Slack::ok(token)]);
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = owner.connect_app(slack.input_for_a_person()).await?;
    let input = json!({"connectedAppId": app});
    let started = owner
        .succeed("startOAuth", input, "authorizationUrl")
        .await?;
    let url = started["authorizationUrl"].as_str().context("a URL")?;
    let (page, query) = url.split_once('?').context("a query")?;
    let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let asked = |name: &str| {
        let named = query.iter().find(|(other, _)| other == name);
        named.map(|(_, value)| value.to_string())
    };
    assert!(page.ends_with("/oauth/v2/authorize"), "{page}");
    assert_eq!(asked("client_id").as_deref(), Some("123.456"));
    let scopes = asked("scope").context("scopes")?;
    assert!(scopes.starts_with("chat:write,"), "{scopes}");

    let state = asked("state").context("a state")?;
    let back = jackfield.url(&format!("/oauth/callback?code=code-of-slack&state={state}"));
    let back = reqwest::get(back).await?;
    assert_eq!(back.status(), 200, "{}", back.text().await?);
    let config = json!({"operation": "send_message", "channel": "#operations", "message": "Hello"});
    let definition = start_then_or_excuse(node_of_app("tell", "slack", &app, config));
    let run = owner.run_once(definition, json!({})).await?;
    assert_eq!(step(&run, "tell")["status"], "SUCCEEDED", "{run:#}");
    let sent = &slack.messages()[0];
    assert_eq!(sent.header("authorization"), "Bearer xoxb-granted");
    jackfield.finish().await
}
