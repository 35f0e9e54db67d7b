//! API keys that are limited to scopes.

use anyhow::{Context, Result};
use jackfield_tests::{Client, Engine, Jackfield, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    a_scope_allows_what_it_is_for_and_nothing_else,
    a_key_makes_no_key_that_may_do_more,
    a_name_is_that_of_one_key_in_use,
];

async fn key(jackfield: &Jackfield, input: Value) -> Result<Client> {
    let made = jackfield
        .owner()
        .succeed("createApiKey", input, "secret")
        .await?;
    let secret = made["secret"].as_str().context("a new key is shown once")?;
    Ok(jackfield.anonymous().with_token(secret))
}

fn denial(body: &Value) -> &str {
    let error = &body["errors"][0];
    match error["extensions"]["code"].as_str() {
        Some("FORBIDDEN") => error["message"].as_str().unwrap_or_default(),
        _ => "",
    }
}

async fn a_scope_allows_what_it_is_for_and_nothing_else(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let input = json!({"name": "Shop", "integration": "Shop backend", "role": "OWNER", "scopes": ["PUBLISH_EVENTS"]});
    let shop = key(&jackfield, input).await?;
    let event = json!({"type": "order.paid", "data": {"cents": 1}});
    let published = shop
        .succeed("publishEvent", event.clone(), "event { type data }")
        .await?;
    assert_eq!(published["event"], event);

    let read = shop.send("{ events { totalCount } }", json!({})).await?;
    assert_eq!(
        denial(&read.body),
        "this API key may not read: this needs the scope `read`"
    );
    let node = shop
        .send(
            "{ node(id: \"wf_01HF7YAT00000000000000001A\") { id } }",
            json!({}),
        )
        .await?;
    assert_eq!(
        denial(&node.body),
        "this API key may not read: this needs the scope `read`"
    );
    let edit = json!({"name": "x", "definition": {"nodes": []}});
    let edit = shop
        .try_mutate("createWorkflow", edit, "workflow { id }")
        .await?;
    assert_eq!(
        denial(&edit.body),
        "this API key may not edit workflows: this needs the scope `workflows:edit`"
    );
    let invite = json!({"email": "eve@example.com", "role": "OWNER"});
    let invite = shop.try_mutate("inviteUser", invite, "token").await?;
    assert_eq!(
        denial(&invite.body),
        "an API key with scopes may not manage users: this needs one without, or a user"
    );
    // The session token of a key is limited as the key is.
    let minted = shop
        .succeed("createSessionToken", json!({}), "token")
        .await?;
    let browser = shop.with_token(minted["token"].as_str().unwrap_or_default());
    let read = browser.send("{ events { totalCount } }", json!({})).await?;
    assert_eq!(
        denial(&read.body),
        "this API key may not read: this needs the scope `read`"
    );

    let who = "{ viewer { role scopes apiKey { integration scopes } } }";
    let scopes = json!(["PUBLISH_EVENTS"]);
    assert_eq!(
        shop.data(who).await?["viewer"],
        json!({"role": "OWNER", "scopes": scopes, "apiKey": {"integration": "Shop backend", "scopes": scopes}})
    );
    // Over REST as well.
    let status = |path: &str| {
        let request = reqwest::Client::new().get(jackfield.url(path));
        let secret = shop.token().unwrap_or_default().to_owned();
        async move {
            Ok::<_, reqwest::Error>(request.bearer_auth(secret).send().await?.status().as_u16())
        }
    };
    assert_eq!(status("/v1/webhooks").await?, 403);
    jackfield.finish().await
}

async fn a_key_makes_no_key_that_may_do_more(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let input =
        json!({"name": "Keys", "role": "ADMIN", "scopes": ["MANAGE_KEYS", "PUBLISH_EVENTS"]});
    let keys = key(&jackfield, input).await?;
    let errors = async |client: &Client, mutation: &str, input: Value| {
        let payload = client.mutate(mutation, input, "__typename").await?;
        Ok::<_, anyhow::Error>(payload["userErrors"][0]["message"].clone())
    };
    let with = |scopes: Value| json!({"name": "New", "role": "ADMIN", "scopes": scopes});
    let others = "Your scopes are events:publish keys:manage; a key cannot have others.";
    for scopes in [
        Value::Null,
        json!(["READ"]),
        json!(["PUBLISH_EVENTS", "MANAGE_APPS"]),
    ] {
        assert_eq!(errors(&keys, "createApiKey", with(scopes)).await?, others);
    }
    keys.succeed(
        "createApiKey",
        with(json!(["PUBLISH_EVENTS"])),
        "apiKey { id }",
    )
    .await?;
    // Whoever rotates a key gets its secret.
    let owners = jackfield
        .owner()
        .data("{ viewer { apiKey { id } } }")
        .await?;
    let rotate = json!({"apiKeyId": owners["viewer"]["apiKey"]["id"]});
    assert_eq!(
        errors(&keys, "rotateApiKey", rotate).await?,
        "Your role is admin; you cannot rotate a key with a higher one."
    );
    let made = jackfield
        .owner()
        .succeed(
            "createApiKey",
            json!({"name": "Reader", "role": "VIEWER"}),
            "apiKey { id }",
        )
        .await?;
    assert_eq!(
        errors(
            &keys,
            "rotateApiKey",
            json!({"apiKeyId": made["apiKey"]["id"]})
        )
        .await?,
        "Your scopes are events:publish keys:manage; you cannot rotate a key with others."
    );
    assert_eq!(
        errors(
            &jackfield.owner(),
            "createApiKey",
            json!({"name": "x", "role": "VIEWER", "scopes": ["PUBLISH_EVENTS"]})
        )
        .await?,
        "`events:publish` needs the role editor or higher; a key with the role viewer has nothing of it."
    );
    assert_eq!(
        errors(
            &jackfield.owner(),
            "createApiKey",
            json!({"name": "x", "role": "VIEWER", "scopes": []})
        )
        .await?,
        "Give the key at least one scope, or leave them out for all that its role allows."
    );
    jackfield.finish().await
}

async fn a_name_is_that_of_one_key_in_use(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"name": "Warehouse", "role": "VIEWER"});
    let made = owner
        .succeed("createApiKey", input.clone(), "apiKey { id }")
        .await?;
    let again = owner
        .mutate(
            "createApiKey",
            json!({"name": " Warehouse ", "role": "EDITOR"}),
            "secret",
        )
        .await?;
    assert_eq!(
        again,
        json!({"secret": null, "userErrors": [{
            "field": ["input", "name"], "code": "TAKEN",
            "message": "There is a key of this name already: choose another one, or revoke that key.",
        }]})
    );
    // Of those who ask at once one gets it.
    let asked = (0..8).map(|_| {
        owner.mutate(
            "createApiKey",
            json!({"name": "Race", "role": "VIEWER"}),
            "secret",
        )
    });
    let asked = futures_util::future::try_join_all(asked).await?;
    assert_eq!(
        asked
            .iter()
            .filter(|payload| payload["secret"].is_string())
            .count(),
        1
    );
    owner
        .succeed(
            "revokeApiKey",
            json!({"apiKeyId": made["apiKey"]["id"]}),
            "apiKey { id }",
        )
        .await?;
    owner
        .succeed("createApiKey", input, "apiKey { id }")
        .await?;
    jackfield.finish().await
}
