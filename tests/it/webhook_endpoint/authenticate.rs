//! The server proves itself to receivers, with what nobody is shown again.

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    AuthorizationServer, Client, ClientProof, Engine, Jackfield, Receiver, Reply, Setup,
    on_both_engines,
};
use serde_json::{Value, json};

use super::{Endpoint, all, create, create_with, publish, start, until};

on_both_engines![
    values_of_headers_are_written_and_never_read,
    what_is_secret_goes_nowhere_else,
    a_token_or_a_user_is_sent,
    many_deliveries_share_one_access_token,
    a_client_can_prove_itself_in_the_form,
    a_refused_access_token_is_fetched_anew_once,
    a_failure_of_the_token_endpoint_is_told_and_tried_again,
    what_cannot_be_sent_is_refused,
];

const SHOWN: &str = "customHeaders authentication { kind username tokenUrl clientId scope audience clientAuthentication }";

async fn change(client: &Client, endpoint: &Endpoint, mut input: Value) -> Result<Value> {
    input["webhookEndpointId"] = json!(endpoint.id);
    let selection = format!("webhookEndpoint {{ {SHOWN} }}");
    client
        .mutate("updateWebhookEndpoint", input, &selection)
        .await
}

/// None of these is in the database or in the log.
fn assert_kept_secret(jackfield: &Jackfield, secrets: &[&str]) -> Result<()> {
    let (stored, log) = (jackfield.database_bytes()?, jackfield.log()?);
    for secret in secrets {
        let found = stored
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found && !log.contains(secret), "{secret} was kept");
    }
    Ok(())
}

async fn values_of_headers_are_written_and_never_read(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let echo = Reply::bytes(200, "text/plain", "thank you for blue-7f3a-91");
    outside.answer("/hook", [echo]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let headers = json!([
        {"name": "X-Team", "value": "blue-7f3a-91"}, {"name": "X-Plan", "value": "gold-55c2-08"},
    ]);
    let input = json!({"url": outside.url("/hook"), "options": {"customHeaders": headers}});
    let endpoint = create_with(&owner, input).await?;
    publish(&owner, "a", json!({})).await?;
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    let attempt = &found[0]["attempts"][0];
    assert_eq!(attempt["responseBody"], "thank you for ***");
    assert_eq!(
        (
            &attempt["requestHeaders"]["x-team"],
            &attempt["requestHeaders"]["x-plan"]
        ),
        (&json!("••••"), &json!("••••"))
    );

    // One keeps its value, one goes, one comes.
    let headers = json!([{"name": "x-team"}, {"name": "X-New", "value": "green-1d9e"}]);
    let changed = change(
        &owner,
        &endpoint,
        json!({"options": {"customHeaders": headers}}),
    );
    assert_eq!(
        changed.await?["webhookEndpoint"]["customHeaders"],
        json!(["X-New", "x-team"])
    );
    publish(&owner, "a", json!({})).await?;
    let requests = outside.wait_for(2).await?;
    let sent = ["x-team", "x-plan", "x-new"].map(|name| requests[1].header(name));
    assert_eq!(sent, ["blue-7f3a-91", "", "green-1d9e"]);
    until(&owner, &endpoint, all(2, "SUCCEEDED")).await?;
    assert_kept_secret(&jackfield, &["blue-7f3a-91", "gold-55c2-08", "green-1d9e"])?;

    let none = json!({"options": {"customHeaders": []}});
    let changed = change(&owner, &endpoint, none).await?;
    assert_eq!(changed["webhookEndpoint"]["customHeaders"], json!([]));
    jackfield.finish().await
}

async fn what_is_secret_goes_nowhere_else(engine: Engine) -> Result<()> {
    let (outside, elsewhere) = (Receiver::start().await?, Receiver::start().await?);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let options = json!({
        "customHeaders": [{"name": "X-Team", "value": "blue-7f3a-91"}],
        "authentication": {"bearer": {"token": "tok-40ad-77"}},
    });
    let input = json!({"url": outside.url("/hook"), "options": options});
    let endpoint = create_with(&owner, input).await?;
    let changed = change(&owner, &endpoint, json!({"url": outside.url("/other")})).await?;
    assert_eq!(changed["userErrors"], json!([]));

    let url = elsewhere.url("/hook");
    let mut errors = Vec::new();
    for options in [json!({}), json!({"customHeaders": [{"name": "X-Team"}]})] {
        let input = json!({"url": url, "options": options});
        errors.push(change(&owner, &endpoint, input).await?["userErrors"].clone());
    }
    allow_duplicates! { assert_json_snapshot!(errors, @r#"
        [
          [
            {
              "field": [
                "input",
                "options",
                "customHeaders"
              ],
              "code": "CONFLICT",
              "message": "The URL leads to another host than before. The headers were given for that one: give them again with their values, or an empty list."
            },
            {
              "field": [
                "input",
                "options",
                "authentication"
              ],
              "code": "CONFLICT",
              "message": "The URL leads to another host than before. The authentication was given for that one: give it again, or `none`."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "customHeaders"
              ],
              "code": "REQUIRED",
              "message": "Give the value of `X-Team`: there is none that could be kept, or the URL leads to another host than before."
            },
            {
              "field": [
                "input",
                "options",
                "authentication"
              ],
              "code": "CONFLICT",
              "message": "The URL leads to another host than before. The authentication was given for that one: give it again, or `none`."
            }
          ]
        ]
        "#); }

    let input = json!({"url": url, "options": options});
    let changed = change(&owner, &endpoint, input).await?;
    assert_eq!(changed["userErrors"], json!([]));
    publish(&owner, "a", json!({})).await?;
    let requests = elsewhere.wait_for(1).await?;
    assert_eq!(requests[0].header("authorization"), "Bearer tok-40ad-77");
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    jackfield.finish().await
}

async fn a_token_or_a_user_is_sent(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let basic = STANDARD.encode("ada:opensesame-3b");
    let echo = format!("who are tok-40ad-77 and {basic} and opensesame-3b?");
    outside.answer("/hook", [Reply::bytes(200, "text/plain", echo)]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    let mut shown = Vec::new();
    let ways = [
        json!({"bearer": {"token": "tok-40ad-77"}}),
        json!({"basic": {"username": "ada", "password": "opensesame-3b"}}),
        json!({"none": true}),
    ];
    for (number, authentication) in ways.into_iter().enumerate() {
        let input = json!({"options": {"authentication": authentication}});
        let changed = change(&owner, &endpoint, input).await?;
        assert_eq!(changed["userErrors"], json!([]));
        publish(&owner, "a", json!({})).await?;
        let requests = outside.wait_for(number + 1).await?;
        let found = until(&owner, &endpoint, all(number + 1, "SUCCEEDED")).await?;
        let attempt = &found[0]["attempts"][0];
        shown.push(json!({
            "authentication": changed["webhookEndpoint"]["authentication"],
            "sent": requests[number].header("authorization"),
            "history": attempt["requestHeaders"]["authorization"],
            "answer": attempt["responseBody"],
        }));
    }
    allow_duplicates! { assert_json_snapshot!(shown, @r#"
        [
          {
            "authentication": {
              "kind": "BEARER",
              "username": null,
              "tokenUrl": null,
              "clientId": null,
              "scope": null,
              "audience": null,
              "clientAuthentication": null
            },
            "sent": "Bearer tok-40ad-77",
            "history": "••••",
            "answer": "who are *** and YWRhOm9wZW5zZXNhbWUtM2I= and opensesame-3b?"
          },
          {
            "authentication": {
              "kind": "BASIC",
              "username": "ada",
              "tokenUrl": null,
              "clientId": null,
              "scope": null,
              "audience": null,
              "clientAuthentication": null
            },
            "sent": "Basic YWRhOm9wZW5zZXNhbWUtM2I=",
            "history": "••••",
            "answer": "who are tok-40ad-77 and *** and ***?"
          },
          {
            "authentication": null,
            "sent": "",
            "history": null,
            "answer": "who are tok-40ad-77 and YWRhOm9wZW5zZXNhbWUtM2I= and opensesame-3b?"
          }
        ]
        "#); }
    jackfield.finish().await
}

fn oauth2(server: &AuthorizationServer, secret: &str) -> Value {
    json!({"authentication": {"oauth2": {
        "tokenUrl": server.token_url(), "clientId": "client:1", "clientSecret": secret,
        "scope": "hooks.write hooks.read", "audience": "https://api.example/",
    }}})
}

async fn many_deliveries_share_one_access_token(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let server = AuthorizationServer::start("client:1", "s3cret&1d=f0", ClientProof::Basic).await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"url": outside.url("/hook"), "options": oauth2(&server, "s3cret&1d=f0")});
    let endpoint = create_with(&owner, input).await?;
    let event = json!({"type": "a", "data": {}});
    let events = vec![event; 20];
    owner
        .succeed("publishEvents", json!({"events": events}), "events { id }")
        .await?;
    let requests = outside.wait_for(20).await?;
    until(&owner, &endpoint, all(20, "SUCCEEDED")).await?;

    let granted = server.granted();
    assert_eq!((granted.len(), server.asked()), (1, 1));
    let form = json!(granted[0].form);
    assert_eq!(
        form,
        json!({"grant_type": "client_credentials", "scope": "hooks.write hooks.read", "audience": "https://api.example/"})
    );
    let token = &granted[0].token;
    for request in &requests {
        assert_eq!(request.header("authorization"), format!("Bearer {token}"));
    }
    let shown = change(&owner, &endpoint, json!({})).await?;
    let shown = &shown["webhookEndpoint"]["authentication"];
    allow_duplicates! { assert_json_snapshot!(shown, { ".tokenUrl" => "[url]" }, @r#"
        {
          "kind": "OAUTH2",
          "username": null,
          "tokenUrl": "[url]",
          "clientId": "client:1",
          "scope": "hooks.write hooks.read",
          "audience": "https://api.example/",
          "clientAuthentication": "BASIC"
        }
        "#); }
    assert_eq!(shown["tokenUrl"], server.token_url());
    assert_kept_secret(&jackfield, &["s3cret&1d=f0", "s3cret%261d%3Df0", token])?;
    jackfield.finish().await
}

async fn a_client_can_prove_itself_in_the_form(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let server = AuthorizationServer::start("client:1", "s3cret&1d=f0", ClientProof::Body).await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut options = oauth2(&server, "s3cret&1d=f0");
    options["authentication"]["oauth2"]["clientAuthentication"] = json!("BODY");
    let input = json!({"url": outside.url("/hook"), "options": options});
    let endpoint = create_with(&owner, input).await?;
    publish(&owner, "a", json!({})).await?;
    let requests = outside.wait_for(1).await?;
    let token = &server.granted()[0].token;
    assert_eq!(
        requests[0].header("authorization"),
        format!("Bearer {token}")
    );
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    jackfield.finish().await
}

async fn a_refused_access_token_is_fetched_anew_once(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let server = AuthorizationServer::start("client:1", "s3cret&1d=f0", ClientProof::Basic).await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let (no, yes) = (Reply::json(401, &json!({})), Reply::default());
    outside.answer("/hook", [no.clone(), yes, no]);
    let input = json!({"url": outside.url("/hook"), "options": oauth2(&server, "s3cret&1d=f0")});
    let endpoint = create_with(&owner, input).await?;
    publish(&owner, "a", json!({})).await?;
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    assert_eq!(found[0]["attemptCount"], 1);
    let (requests, granted) = (outside.requests(), server.granted());
    assert_eq!((requests.len(), granted.len()), (2, 2));
    for (request, grant) in requests.iter().zip(&granted) {
        let expected = format!("Bearer {}", grant.token);
        assert_eq!(request.header("authorization"), expected);
        assert_eq!(
            request.header("webhook-id"),
            requests[0].header("webhook-id")
        );
    }

    // From now on no token is good: each attempt asks for one more, and that is it.
    publish(&owner, "a", json!({})).await?;
    let settled = |found: &[Value]| found.len() == 2 && found[0]["status"] == "FAILED";
    let found = until(&owner, &endpoint, settled).await?;
    let error = "HTTP_STATUS: answered 401; only a status from 200 to 299 counts as received";
    let attempts = found[0]["attempts"].as_array().cloned().unwrap_or_default();
    assert!(attempts.iter().all(|attempt| attempt["error"] == error));
    assert_eq!(outside.requests().len(), 2 + 2 * attempts.len());
    assert_eq!(server.granted().len(), 2 + attempts.len());
    jackfield.finish().await
}

async fn a_failure_of_the_token_endpoint_is_told_and_tried_again(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let server = AuthorizationServer::start("client:1", "s3cret&1d=f0", ClientProof::Basic).await?;
    server.set_outage(true);
    let setup = Setup::new(engine)?.environment("JACKFIELD_WEBHOOK_RETRIES", "200ms,1s,1s,1s");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let input = json!({"url": outside.url("/hook"), "options": oauth2(&server, "s3cret&1d=f0")});
    let endpoint = create_with(&owner, input).await?;
    publish(&owner, "a", json!({})).await?;
    until(&owner, &endpoint, |found| {
        found.len() == 1 && found[0]["attemptCount"] != 0
    })
    .await?;
    server.set_outage(false);
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    let outage = found[0]["attempts"][0].clone();

    let input = json!({"options": oauth2(&server, "s3cret-of-yesterday")});
    let changed = change(&owner, &endpoint, input).await?;
    assert_eq!(changed["userErrors"], json!([]));
    publish(&owner, "a", json!({})).await?;
    let tried = |found: &[Value]| found.len() == 2 && found[0]["attemptCount"] != 0;
    let found = until(&owner, &endpoint, tried).await?;
    let refusal = found[0]["attempts"][0].clone();

    let url = server.token_url();
    let place = url.trim_end_matches("/token");
    let errors = [outage, refusal].map(|attempt| {
        let error = attempt["error"].as_str().unwrap_or_default();
        json!([
            error.replace(place, "[place]"),
            attempt["statusCode"],
            attempt["requestHeaders"]
        ])
    });
    allow_duplicates! { assert_json_snapshot!(errors, @r#"
        [
          [
            "OAUTH_TOKEN: the token endpoint [place] answered 503 with `temporarily_unavailable`",
            null,
            {}
          ],
          [
            "OAUTH_TOKEN: the token endpoint [place] answered 401 with `invalid_client`: check the client or account, its secret, and the scope",
            null,
            {}
          ]
        ]
        "#); }
    assert_kept_secret(&jackfield, &["s3cret&1d=f0", "s3cret-of-yesterday"])?;
    let input = json!({"webhookEndpointId": endpoint.id});
    let selection = "webhookEndpoint { id }";
    owner
        .succeed("deleteWebhookEndpoint", input, selection)
        .await?;
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_cannot_be_sent_is_refused(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_EGRESS_ALLOW", "127.0.0.2/32");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let client = |url: &str, id: &str| json!({"authentication": {"oauth2": {"tokenUrl": url, "clientId": id, "clientSecret": "s"}}});
    let header = json!([{"name": "authorization", "value": "Bearer a"}]);
    let options = [
        client("http://example.com/token", "a"),
        client("https://10.0.0.8/token", "a"),
        client("nonsense", "a"),
        client("https://example.com/token", ""),
        json!({"authentication": {"bearer": {"token": "two\r\nlines"}}}),
        json!({"authentication": {"basic": {"username": "a:b", "password": "c"}}}),
        json!({"authentication": {"bearer": {"token": "a"}}, "customHeaders": header}),
        json!({"customHeaders": [{"name": "X-A"}]}),
        json!({"customHeaders": [{"name": "X-A", "value": "1"}, {"name": "x-a", "value": "2"}]}),
    ];
    let mut errors = Vec::new();
    for options in options {
        let input = json!({"url": "https://example.com/", "options": options});
        let refused = owner
            .mutate(
                "createWebhookEndpoint",
                input,
                "webhookEndpoint { id } secret",
            )
            .await?;
        assert_eq!(refused["webhookEndpoint"], json!(null));
        errors.push(refused["userErrors"].clone());
    }
    allow_duplicates! { assert_json_snapshot!(errors, @r#"
        [
          [
            {
              "field": [
                "input",
                "options",
                "authentication",
                "oauth2",
                "tokenUrl"
              ],
              "code": "INVALID",
              "message": "The URL must begin with https://. Only addresses in ranges that the operator has allowed (JACKFIELD_EGRESS_ALLOW) may do without."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "authentication",
                "oauth2",
                "tokenUrl"
              ],
              "code": "FORBIDDEN_ADDRESS",
              "message": "10.0.0.8 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "authentication",
                "oauth2",
                "tokenUrl"
              ],
              "code": "INVALID",
              "message": "This is not a URL: relative URL without a base."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "authentication",
                "oauth2",
                "clientId"
              ],
              "code": "INVALID",
              "message": "Give 1 to 4000 characters, and no control characters among them."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "authentication",
                "bearer",
                "token"
              ],
              "code": "INVALID",
              "message": "Give 1 to 4000 characters, and no control characters among them."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "authentication",
                "basic",
                "username"
              ],
              "code": "INVALID",
              "message": "A user name has no colon: it stands between user and password."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "customHeaders"
              ],
              "code": "CONFLICT",
              "message": "`authentication` sets the header `Authorization`: take it out of the headers."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "customHeaders"
              ],
              "code": "REQUIRED",
              "message": "Give the value of `X-A`: there is none that could be kept, or the URL leads to another host than before."
            }
          ],
          [
            {
              "field": [
                "input",
                "options",
                "customHeaders"
              ],
              "code": "INVALID",
              "message": "The header `x-a` is given twice."
            }
          ]
        ]
        "#); }
    let both = json!({"authentication": {"none": true, "bearer": {"token": "a"}}});
    let input = json!({"url": "https://example.com/", "options": both});
    let refused = owner.try_mutate("createWebhookEndpoint", input, "secret");
    let code = &refused.await?.body["errors"][0]["extensions"]["code"];
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
    jackfield.finish().await
}
