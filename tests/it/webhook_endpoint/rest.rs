//! `/v1/webhooks`, as its users were promised it.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Receiver, on_both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use super::{create, verify};

on_both_engines![
    an_endpoint_lives_and_delivers,
    what_is_secret_is_not_shown,
    what_is_wrong_is_told,
];

/// A request with the owner's key; the answer is the status and the body, null when there is none.
async fn send(
    jackfield: &Jackfield,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<(u16, Value)> {
    let url = jackfield.url(&format!("/v1/webhooks{path}"));
    let request = reqwest::Client::new().request(method, url);
    let mut request = request.bearer_auth(jackfield.owner_key());
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    let text = response.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "each answer is shown whole"
)]
async fn an_endpoint_lives_and_delivers(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let url = outside.url("/hook");
    let body = json!({
        "url": url,
        "events": ["booking.created", "booking.completed", "payment.succeeded", "payment.failed"],
        "description": "Production booking and payment notifications",
    });
    let created = send(&jackfield, Method::POST, "", Some(body)).await?;
    allow_duplicates! {
        assert_json_snapshot!(created, {
            "[1].id" => "[id]", "[1].secret" => "[secret]", "[1].url" => "[url]",
            "[1].created_at" => "[time]", "[1].updated_at" => "[time]",
        }, @r#"
        [
          201,
          {
            "id": "[id]",
            "name": "127.0.0.1",
            "url": "[url]",
            "events": [
              "booking.created",
              "booking.completed",
              "payment.succeeded",
              "payment.failed"
            ],
            "channels": [],
            "description": "Production booking and payment notifications",
            "authentication": null,
            "status": "active",
            "disabled_reason": null,
            "created_at": "[time]",
            "updated_at": "[time]",
            "secret": "[secret]"
          }
        ]
        "#);
    }
    let secret = created.1["secret"].as_str().context("a secret")?;
    let id = created.1["id"].as_str().context("an id")?;
    assert!(secret.starts_with("whsec_") && id.starts_with("wh_"));
    let mut shown = created.1.clone();
    shown.as_object_mut().context("an object")?.remove("secret");
    let path = format!("/{id}");
    assert_eq!(
        send(&jackfield, Method::GET, &path, None).await?,
        (200, shown.clone())
    );
    assert_eq!(
        send(&jackfield, Method::GET, "", None).await?,
        (200, json!({"data": [shown], "next": null}))
    );

    let test = send(&jackfield, Method::POST, &format!("{path}/test"), None).await?;
    assert_eq!(test.0, 202);
    let requests = outside.wait_for(1).await?;
    verify(secret, &requests[0])?;
    assert_eq!(requests[0].json()["test"], true);
    let history = format!("{path}/deliveries");
    let mut found = (0, Value::Null);
    for _ in 0..200 {
        found = send(&jackfield, Method::GET, &history, None).await?;
        if found.1["data"][0]["status"] == "succeeded" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(found.1["data"][0]["id"], test.1["delivery_id"]);
    allow_duplicates! {
        assert_json_snapshot!(found, {
            "[1].data[].id" => "[id]", "[1].data[].event_id" => "[id]",
            "[1].data[].response_time_ms" => "[number]",
            "[1].data[].created_at" => "[time]", "[1].data[].finished_at" => "[time]",
        }, @r#"
        [
          200,
          {
            "data": [
              {
                "id": "[id]",
                "event_id": "[id]",
                "event_type": "booking.created",
                "status": "succeeded",
                "attempts": 1,
                "response_code": 200,
                "response_time_ms": "[number]",
                "error": null,
                "next_attempt_at": null,
                "created_at": "[time]",
                "finished_at": "[time]"
              }
            ],
            "next": null
          }
        ]
        "#);
    }
    let failed = format!("{history}?status=failed&limit=5");
    let none = send(&jackfield, Method::GET, &failed, None).await?;
    assert_eq!(none, (200, json!({"data": [], "next": null})));

    let patch = json!({"events": ["booking.*"], "status": "inactive"});
    let changed = send(&jackfield, Method::PATCH, &path, Some(patch)).await?;
    assert_eq!(changed.0, 200);
    assert_eq!(
        (&changed.1["events"], &changed.1["status"]),
        (&json!(["booking.*"]), &json!("inactive"))
    );
    assert_eq!(changed.1["description"], created.1["description"]);

    assert_eq!(
        send(&jackfield, Method::DELETE, &path, None).await?,
        (204, Value::Null)
    );
    assert_eq!(send(&jackfield, Method::GET, &path, None).await?.0, 404);
    assert_eq!(send(&jackfield, Method::DELETE, &path, None).await?.0, 404);
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_is_secret_is_not_shown(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let client = json!({
        "token_url": "https://auth.example.com/token", "client_id": "client:1",
        "client_secret": "s3cret-1df0", "scope": "hooks", "client_authentication": "body",
    });
    let body = json!({
        "url": "https://example.com/hook", "channels": ["project_7", "project_1042"],
        "headers": {"X-Team": "blue-7f3a"}, "authentication": {"oauth2": client},
    });
    let mut created = send(&jackfield, Method::POST, "", Some(body)).await?;
    let id = created.1["id"].as_str().context("an id")?.to_owned();
    created.1["secret"].take();
    let path = format!("/{id}");
    let wrong = json!({"url": "https://example.org/hook", "headers": {"X-Team": null}});
    let refused = send(&jackfield, Method::PATCH, &path, Some(wrong)).await?;
    let right = json!({"headers": {"X-Team": null}, "authentication": "none", "channels": []});
    let changed = send(&jackfield, Method::PATCH, &path, Some(right)).await?;
    allow_duplicates! {
        assert_json_snapshot!([created, refused, changed], {
            "[][1].id" => "[id]", "[][1].created_at" => "[time]", "[][1].updated_at" => "[time]",
        }, @r#"
        [
          [
            201,
            {
              "id": "[id]",
              "name": "example.com",
              "url": "https://example.com/hook",
              "events": [],
              "channels": [
                "project_1042",
                "project_7"
              ],
              "description": "",
              "authentication": {
                "kind": "oauth2",
                "token_url": "https://auth.example.com/token",
                "client_id": "client:1",
                "scope": "hooks",
                "audience": null,
                "client_authentication": "body"
              },
              "status": "active",
              "disabled_reason": null,
              "created_at": "[time]",
              "updated_at": "[time]",
              "secret": null
            }
          ],
          [
            422,
            {
              "error": {
                "code": "REQUIRED",
                "message": "Give the value of `X-Team`: there is none that could be kept, or the URL leads to another host than before.",
                "problems": [
                  {
                    "field": [
                      "headers"
                    ],
                    "code": "REQUIRED",
                    "message": "Give the value of `X-Team`: there is none that could be kept, or the URL leads to another host than before."
                  },
                  {
                    "field": [
                      "authentication"
                    ],
                    "code": "CONFLICT",
                    "message": "The URL leads to another host than before. The authentication was given for that one: give it again, or `none`."
                  }
                ]
              }
            }
          ],
          [
            200,
            {
              "id": "[id]",
              "name": "example.com",
              "url": "https://example.com/hook",
              "events": [],
              "channels": [],
              "description": "",
              "authentication": null,
              "status": "active",
              "disabled_reason": null,
              "created_at": "[time]",
              "updated_at": "[time]"
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_is_wrong_is_told(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let endpoint = create(&jackfield.owner(), "https://example.com/hook", &[]).await?;
    let path = format!("/{}", endpoint.id);
    let answers = [
        send(&jackfield, Method::POST, "", Some(json!({}))).await?,
        send(
            &jackfield,
            Method::POST,
            "",
            Some(json!({"url": "http://example.com/"})),
        )
        .await?,
        send(
            &jackfield,
            Method::POST,
            "",
            Some(json!({"address": "https://example.com/"})),
        )
        .await?,
        send(&jackfield, Method::POST, "", None).await?,
        send(
            &jackfield,
            Method::PATCH,
            &path,
            Some(json!({"events": ["a b"], "rate_limit": -2})),
        )
        .await?,
        send(&jackfield, Method::PATCH, "/wh_1", Some(json!({}))).await?,
        send(&jackfield, Method::GET, "?limit=500", None).await?,
        send(
            &jackfield,
            Method::GET,
            &format!("{path}/deliveries?status=lost"),
            None,
        )
        .await?,
        send(&jackfield, Method::PUT, &path, None).await?,
    ];
    allow_duplicates! { assert_json_snapshot!(answers, @r#"
        [
          [
            422,
            {
              "error": {
                "code": "REQUIRED",
                "message": "Give the URL.",
                "problems": [
                  {
                    "field": [
                      "url"
                    ],
                    "code": "REQUIRED",
                    "message": "Give the URL."
                  }
                ]
              }
            }
          ],
          [
            422,
            {
              "error": {
                "code": "INVALID",
                "message": "The URL must begin with https://. Only addresses in ranges that the operator has allowed (JACKFIELD_EGRESS_ALLOW) may do without.",
                "problems": [
                  {
                    "field": [
                      "url"
                    ],
                    "code": "INVALID",
                    "message": "The URL must begin with https://. Only addresses in ranges that the operator has allowed (JACKFIELD_EGRESS_ALLOW) may do without."
                  }
                ]
              }
            }
          ],
          [
            400,
            {
              "error": {
                "code": "BAD_REQUEST",
                "message": "This cannot be read: unknown field `address`, expected one of `name`, `url`, `events`, `channels`, `description`, `status`, `active`, `headers`, `authentication`, `rate_limit`, `timeout_seconds` at line 1 column 10."
              }
            }
          ],
          [
            415,
            {
              "error": {
                "code": "UNSUPPORTED_MEDIA_TYPE",
                "message": "Send Content-Type: application/json."
              }
            }
          ],
          [
            422,
            {
              "error": {
                "code": "INVALID",
                "message": "`a b` is no event type: 1 to 200 characters without spaces, such as `invoice.paid`, `invoice.*` or `*`.",
                "problems": [
                  {
                    "field": [
                      "events"
                    ],
                    "code": "INVALID",
                    "message": "`a b` is no event type: 1 to 200 characters without spaces, such as `invoice.paid`, `invoice.*` or `*`."
                  },
                  {
                    "field": [
                      "rate_limit"
                    ],
                    "code": "INVALID",
                    "message": "A rate limit is a number of requests a second from 1 to 10000, or 0 for none."
                  }
                ]
              }
            }
          ],
          [
            404,
            {
              "error": {
                "code": "NOT_FOUND",
                "message": "There is no such webhook in this workspace."
              }
            }
          ],
          [
            400,
            {
              "error": {
                "code": "BAD_REQUEST",
                "message": "This cannot be read: `limit` must be from 1 to 100."
              }
            }
          ],
          [
            400,
            {
              "error": {
                "code": "BAD_REQUEST",
                "message": "`status`: `LOST` is not one of PENDING, SUCCEEDED, FAILED, CANCELLED."
              }
            }
          ],
          [
            405,
            {
              "error": {
                "code": "METHOD_NOT_ALLOWED",
                "message": "This path does not know this method."
              }
            }
          ]
        ]
        "#); }
    let anonymous = reqwest::get(jackfield.url("/v1/webhooks")).await?;
    assert_eq!(anonymous.status(), 401);
    jackfield.finish().await
}
