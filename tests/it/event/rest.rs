//! Publishing over REST.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, on_both_engines};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

/// Names and values.
type Headers<'a> = &'a [(&'a str, &'a str)];

on_both_engines![
    one_event_is_accepted_once_per_key,
    a_list_is_stored_together,
    payloads_of_any_kind_are_kept,
    what_cannot_be_published_says_why,
];

/// A request with a JSON body unless it names another type; the answer is the status and the body.
struct Post<'a> {
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Vec<u8>,
}

impl Post<'_> {
    fn json(body: &Value) -> Self {
        Self {
            query: "",
            headers: &[("content-type", "application/json")],
            body: body.to_string().into_bytes(),
        }
    }

    async fn send(self, jackfield: &Jackfield) -> Result<(u16, Value)> {
        let url = jackfield.url(&format!("/v1/events{}", self.query));
        let request = reqwest::Client::new().post(url);
        let mut request = request.bearer_auth(jackfield.owner_key()).body(self.body);
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }
}

async fn one_event_is_accepted_once_per_key(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let event = |cents: i64| json!({"type": "invoice.paid", "data": {"cents": cents}, "idempotency_key": "inv_1"});
    let first = Post::json(&event(100)).send(&jackfield).await?;
    let again = Post::json(&event(100)).send(&jackfield).await?;
    let other = Post::json(&event(101)).send(&jackfield).await?;
    assert_eq!((first.0, &first), (202, &again));
    allow_duplicates! {
        assert_json_snapshot!(other, @r#"
        [
          409,
          {
            "error": {
              "code": "CONFLICT",
              "message": "Another event was published with this idempotency key. Send the same again, or take a new key.",
              "problems": [
                {
                  "field": [
                    "idempotency_key"
                  ],
                  "code": "CONFLICT",
                  "message": "Another event was published with this idempotency key. Send the same again, or take a new key."
                }
              ]
            }
          }
        ]
        "#);
    }
    let document = "query($id: ID!) { event(id: $id) { type source data contentType } }";
    let found = jackfield
        .owner()
        .data_with(document, json!({"id": first.1["id"]}))
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(found, @r#"
        {
          "event": {
            "type": "invoice.paid",
            "source": "api",
            "data": {
              "cents": 100
            },
            "contentType": null
          }
        }
        "#);
    }
    jackfield.finish().await
}

async fn a_list_is_stored_together(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let bad = json!([{"type": "a.b", "data": 1}, {"type": "", "data": 2}]);
    let refused = Post::json(&bad).send(&jackfield).await?;
    let good = json!([
        {"type": "a.b", "data": 1, "occurred_at": "2026-01-31T09:30:00Z"},
        {"type": "a.c", "data": 2},
    ]);
    let (status, body) = Post::json(&good).send(&jackfield).await?;
    assert_eq!(
        (status, body["events"].as_array().map(Vec::len)),
        (202, Some(2))
    );
    let log = jackfield
        .owner()
        .data("{ events { nodes { type data } } }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!((refused, log), @r#"
        [
          [
            422,
            {
              "error": {
                "code": "INVALID",
                "message": "A type has 1 to 200 characters and no spaces, such as `invoice.paid`.",
                "problems": [
                  {
                    "field": [
                      "1",
                      "type"
                    ],
                    "code": "INVALID",
                    "message": "A type has 1 to 200 characters and no spaces, such as `invoice.paid`."
                  }
                ]
              }
            }
          ],
          {
            "events": {
              "nodes": [
                {
                  "type": "a.c",
                  "data": 2
                },
                {
                  "type": "a.b",
                  "data": 1
                }
              ]
            }
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn payloads_of_any_kind_are_kept(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let payloads: [(Headers<'_>, &[u8]); 4] = [
        (
            &[("content-type", "application/xml")],
            b"<paid cents=\"100\"/>",
        ),
        (&[("content-type", "application/protobuf")], b"\xff\x00\x01"),
        (
            &[("content-type", "application/cloudevents+json")],
            b"{ \"b\": 1, \"a\": 2 }",
        ),
        (&[("idempotency-key", "k")], b""),
    ];
    for (headers, body) in payloads {
        let post = Post {
            query: "?type=invoice.paid&occurred_at=2026-01-31T09:30:00Z",
            headers,
            body: body.to_vec(),
        };
        let (status, answer) = post.send(&jackfield).await?;
        assert_eq!(status, 202, "{answer:#}");
    }
    let log = jackfield
        .owner()
        .data("{ events { nodes { type data contentType occurredAt } } }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(log, @r#"
        {
          "events": {
            "nodes": [
              {
                "type": "invoice.paid",
                "data": "",
                "contentType": "application/octet-stream",
                "occurredAt": "2026-01-31T09:30:00Z"
              },
              {
                "type": "invoice.paid",
                "data": {
                  "b": 1,
                  "a": 2
                },
                "contentType": null,
                "occurredAt": "2026-01-31T09:30:00Z"
              },
              {
                "type": "invoice.paid",
                "data": {
                  "base64": "/wAB"
                },
                "contentType": "application/protobuf",
                "occurredAt": "2026-01-31T09:30:00Z"
              },
              {
                "type": "invoice.paid",
                "data": "<paid cents=\"100\"/>",
                "contentType": "application/xml",
                "occurredAt": "2026-01-31T09:30:00Z"
              }
            ]
          }
        }
        "#);
    }
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_cannot_be_published_says_why(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let json = &[("content-type", "application/json")][..];
    let tried: [(&str, Headers<'_>, Vec<u8>); 6] = [
        ("", json, b"{\"type\": \"a\"".to_vec()),
        (
            "",
            json,
            b"{\"type\": \"a\", \"data\": 1, \"dta\": 2}".to_vec(),
        ),
        ("", &[("content-type", "text/plain")], b"x".to_vec()),
        ("?typ=a", json, b"{}".to_vec()),
        ("?type=a", &[("content-encoding", "gzip")], b"x".to_vec()),
        ("?type=a", &[], vec![b'x'; 300_000]),
    ];
    let mut said = Vec::new();
    for (query, headers, body) in tried {
        let post = Post {
            query,
            headers,
            body,
        };
        said.push(post.send(&jackfield).await?);
    }
    let viewer = jackfield
        .owner()
        .succeed(
            "createApiKey",
            json!({"name": "v", "role": "VIEWER"}),
            "secret",
        )
        .await?;
    for authorization in [
        "Basic abc".to_owned(),
        format!("Bearer {}", viewer["secret"].as_str().unwrap_or_default()),
    ] {
        let request = reqwest::Client::new()
            .post(jackfield.url("/v1/events"))
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, "application/json")
            .body("{}");
        let response = request.send().await?;
        said.push((response.status().as_u16(), response.json().await?));
    }
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          [
            400,
            {
              "error": {
                "code": "BAD_REQUEST",
                "message": "This cannot be read as events: EOF while parsing an object at line 1 column 12."
              }
            }
          ],
          [
            400,
            {
              "error": {
                "code": "BAD_REQUEST",
                "message": "This cannot be read as events: unknown field `dta`, expected one of `type`, `data`, `idempotency_key`, `occurred_at`, `channels` at line 1 column 30."
              }
            }
          ],
          [
            415,
            {
              "error": {
                "code": "UNSUPPORTED_MEDIA_TYPE",
                "message": "Send Content-Type: application/json, or name the event's type in the query: ?type=invoice.paid."
              }
            }
          ],
          [
            400,
            {
              "error": {
                "code": "BAD_REQUEST",
                "message": "This cannot be read as events: Failed to deserialize query string: typ: unknown field `typ`, expected one of `type`, `occurred_at`, `channels`."
              }
            }
          ],
          [
            415,
            {
              "error": {
                "code": "UNSUPPORTED_MEDIA_TYPE",
                "message": "Send the body without Content-Encoding."
              }
            }
          ],
          [
            413,
            {
              "error": {
                "code": "TOO_LARGE",
                "message": "The data of an event has at most 262144 bytes.",
                "problems": [
                  {
                    "field": [
                      "data"
                    ],
                    "code": "TOO_LARGE",
                    "message": "The data of an event has at most 262144 bytes."
                  }
                ]
              }
            }
          ],
          [
            401,
            {
              "error": {
                "code": "UNAUTHENTICATED",
                "message": "The header Authorization must be `Bearer` followed by a token."
              }
            }
          ],
          [
            403,
            {
              "error": {
                "code": "FORBIDDEN",
                "message": "the role `viewer` may not publish events: this needs the role `editor` or higher"
              }
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}
