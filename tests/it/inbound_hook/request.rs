//! What is to be seen of the requests of a hook, and running them again.

use std::time::Duration;

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot, with_settings};
use jackfield_tests::{
    Client, Engine, InboundHook, Jackfield, Workflow, graph, node, on_both_engines, step,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

on_both_engines![
    a_request_is_kept_without_secrets_and_runs_again,
    the_health_of_a_hook_counts_every_fate,
    what_brought_no_event_cannot_run_again,
    requests_are_found_by_what_became_of_them,
];

const TOKEN: &str = "planted-token-of-the-sender";

async fn publish(jackfield: &Jackfield, format: &str) -> Result<(Workflow, InboundHook)> {
    let config = json!({"scheme": "bearer", "secret": TOKEN, "format": format});
    let seen = json!({
        "body": "{{ trigger.body }}", "page": "{{ trigger.query.page }}",
        "agent": "{{ trigger.headers['user-agent'] }}",
        "again": "{{ trigger.event.replayOf is defined }}",
        "secret": "{{ trigger.headers.authorization is defined }}",
    });
    let nodes = [
        node("got", "webhook", config),
        node("seen", "set", json!({"values": seen})),
    ];
    let mut workflow = jackfield
        .owner()
        .publish("Seen", graph(nodes, &["got -> seen"]))
        .await?;
    let mut hook = workflow.hooks.remove(0);
    hook.url.push_str("?page=3");
    Ok((workflow, hook))
}

async fn requests(owner: &Client, hook: &InboundHook) -> Result<Value> {
    let document = "query($id: ID!) { node(id: $id) { ... on InboundHook { requests { totalCount nodes {
        id verdict status reason detail bytes method query from bodyBase64 event { type replayOf { id } }
        headers { name value }
    } } } } }";
    let data = owner.data_with(document, json!({"id": hook.id})).await?;
    Ok(data["node"]["requests"].clone())
}

async fn a_request_is_kept_without_secrets_and_runs_again(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (workflow, hook) = publish(&jackfield, "form").await?;
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &*bearer),
        ("user-agent", "forms/1.0"),
    ];
    assert_eq!(hook.post(&headers, "a=1&b=x+y").await?.status, 200);
    let mut kept = requests(&owner, &hook).await?;
    let id = kept["nodes"][0]["id"].clone();
    let input = json!({"inboundRequestId": id});
    let replayed = owner
        .succeed(
            "replayInboundRequest",
            input,
            "event { id type data replayOf { id type } }",
        )
        .await?;
    let runs = owner.ended_runs_of(&workflow, 2).await?;

    for request in kept["nodes"].as_array_mut().into_iter().flatten() {
        request["id"] = "[id]".into();
        request["headers"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .filter(|header| header["name"] == "host")
            .for_each(|header| header["value"] = "[host]".into());
    }
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(kept, @r#"
        {
          "nodes": [
            {
              "bodyBase64": "YT0xJmI9eCt5",
              "bytes": 9,
              "detail": null,
              "event": {
                "replayOf": null,
                "type": "webhook.received"
              },
              "from": "127.0.0.1",
              "headers": [
                {
                  "name": "content-type",
                  "value": "application/x-www-form-urlencoded"
                },
                {
                  "name": "authorization",
                  "value": null
                },
                {
                  "name": "user-agent",
                  "value": "forms/1.0"
                },
                {
                  "name": "accept",
                  "value": "*/*"
                },
                {
                  "name": "host",
                  "value": "[host]"
                },
                {
                  "name": "content-length",
                  "value": "9"
                }
              ],
              "id": "[id]",
              "method": "POST",
              "query": "page=3",
              "reason": null,
              "status": 200,
              "verdict": "ACCEPTED"
            }
          ],
          "totalCount": 1
        }
        "#);
        assert_json_snapshot!(step(&runs[1], "seen")["output"], @r#"
        {
          "again": false,
          "agent": "forms/1.0",
          "body": {
            "a": "1",
            "b": "x y"
          },
          "page": "3",
          "secret": false
        }
        "#);
        assert_json_snapshot!(step(&runs[0], "seen")["output"], @r#"
        {
          "again": true,
          "agent": "forms/1.0",
          "body": {
            "a": "1",
            "b": "x y"
          },
          "page": "3",
          "secret": false
        }
        "#);
    }});
    let event = &replayed["event"];
    assert_eq!(event["data"], json!({"a": "1", "b": "x y"}), "{replayed}");
    assert_ne!(event["replayOf"]["id"], event["id"]);
    assert_eq!(event["replayOf"]["type"], "webhook.received");
    let all = requests(&owner, &hook).await?;
    assert_eq!(all["totalCount"], 2);
    assert_eq!(
        all["nodes"][0]["bodyBase64"],
        kept["nodes"][0]["bodyBase64"]
    );
    assert!(!all.to_string().contains(TOKEN));
    let bytes = jackfield.database_bytes()?;
    assert!(
        !bytes
            .windows(TOKEN.len())
            .any(|window| window == TOKEN.as_bytes())
    );
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn the_health_of_a_hook_counts_every_fate(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node(
            "got",
            "webhook",
            json!({"scheme": "github", "secret": "It's a Secret"}),
        ),
        node("note", "debug", json!({"message": "seen"})),
    ];
    let workflow = owner
        .publish("Note", graph(nodes, &["got -> note"]))
        .await?;
    let hook = &workflow.hooks[0];
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"It's a Secret");
    let signature = hex::encode(aws_lc_rs::hmac::sign(&key, b"{}"));
    let signature = format!("sha256={signature}");
    for delivery in ["1", "2", "2", "2"] {
        let headers = [
            ("x-hub-signature-256", &*signature),
            ("x-github-event", "push"),
            ("x-github-delivery", delivery),
        ];
        assert_eq!(hook.post(&headers, "{}").await?.status, 200);
    }
    assert_eq!(hook.post(&[], "{}").await?.status, 401);
    owner.ended_runs_of(&workflow, 2).await?;

    let document = "query($id: ID!) { node(id: $id) { ... on InboundHook {
        lastReceivedAt hour: health(window: \"PT1H\") { accepted rejected duplicates }
        day: health { accepted rejected duplicates } week: health(window: \"P7D\") { accepted rejected duplicates }
        requests { totalCount nodes { verdict status reason event { type } } }
    } } }";
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut shown = loop {
        let shown = owner.data_with(document, json!({"id": hook.id})).await?["node"].take();
        // Each window is a question of its own, and counts are written from time to time.
        let windows = ["hour", "day", "week"];
        let counted = windows.iter().all(|window| shown[window]["rejected"] == 1);
        if counted || Instant::now() > deadline {
            break shown;
        }
        sleep(Duration::from_millis(100)).await;
    };
    assert!(shown["lastReceivedAt"].take().is_string());
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(shown, @r#"
        {
          "day": {
            "accepted": 2,
            "duplicates": 2,
            "rejected": 1
          },
          "hour": {
            "accepted": 2,
            "duplicates": 2,
            "rejected": 1
          },
          "lastReceivedAt": null,
          "requests": {
            "nodes": [
              {
                "event": null,
                "reason": "MISSING_SIGNATURE",
                "status": 401,
                "verdict": "REJECTED"
              },
              {
                "event": {
                  "type": "github.push"
                },
                "reason": "DUPLICATE",
                "status": 200,
                "verdict": "DUPLICATE"
              },
              {
                "event": {
                  "type": "github.push"
                },
                "reason": "DUPLICATE",
                "status": 200,
                "verdict": "DUPLICATE"
              },
              {
                "event": {
                  "type": "github.push"
                },
                "reason": null,
                "status": 200,
                "verdict": "ACCEPTED"
              },
              {
                "event": {
                  "type": "github.push"
                },
                "reason": null,
                "status": 200,
                "verdict": "ACCEPTED"
              }
            ],
            "totalCount": 5
          },
          "week": {
            "accepted": 2,
            "duplicates": 2,
            "rejected": 1
          }
        }
        "#);
    }});
    jackfield.finish().await
}

async fn what_brought_no_event_cannot_run_again(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (workflow, hook) = publish(&jackfield, "json").await?;
    assert_eq!(hook.post(&[], "{}").await?.status, 401);
    let refused = requests(&owner, &hook).await?["nodes"][0]["id"].clone();
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("authorization", &*bearer)];
    assert_eq!(hook.post(&headers, "{}").await?.status, 200);
    owner.ended_runs_of(&workflow, 1).await?;
    let accepted = requests(&owner, &hook).await?["nodes"][0]["id"].clone();
    let input = json!({"workflowId": workflow.id});
    owner
        .succeed("unpublishWorkflow", input, "workflow { id }")
        .await?;

    let replay = async |id: Value| {
        let input = json!({"inboundRequestId": id});
        let refused = owner
            .mutate("replayInboundRequest", input, "event { id }")
            .await?;
        Ok::<_, anyhow::Error>(refused["userErrors"].clone())
    };
    let said = [
        replay(refused).await?,
        replay(accepted).await?,
        replay(json!("hreq_01HF7YAT00R5E052FC5M592SZC")).await?,
        replay(json!("evt_01HF7YAT00R5E052FC5M592SZC")).await?,
    ];
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          [
            {
              "field": [
                "input",
                "inboundRequestId"
              ],
              "code": "CONFLICT",
              "message": "only a request that brought an event is kept to be run again"
            }
          ],
          [
            {
              "field": [
                "input",
                "inboundRequestId"
              ],
              "code": "CONFLICT",
              "message": "its hook is not active: switch it on, or publish its workflow"
            }
          ],
          [
            {
              "field": [
                "input",
                "inboundRequestId"
              ],
              "code": "NOT_FOUND",
              "message": "There is no such request in this workspace."
            }
          ],
          [
            {
              "field": [
                "input",
                "inboundRequestId"
              ],
              "code": "NOT_FOUND",
              "message": "There is no such request in this workspace."
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

/// How many requests and rejections these filters let through.
async fn counts(
    owner: &Client,
    hook: &InboundHook,
    all: Value,
    refused: Value,
) -> Result<(Value, Value)> {
    let document = "query($id: ID!, $all: InboundRequestFilter, $refused: InboundRejectionFilter) {
        node(id: $id) { ... on InboundHook {
            requests(filter: $all) { totalCount nodes { id } } rejections(filter: $refused) { totalCount nodes { id } }
        } } }";
    let variables = json!({"id": hook.id, "all": all, "refused": refused});
    let mut data = owner.data_with(document, variables).await?;
    let mut list = |name: &str| {
        let list = data["node"][name].take();
        let shown = list["nodes"].as_array().map_or(0, Vec::len);
        assert_eq!(list["totalCount"], shown, "{list:#}");
        list["totalCount"].clone()
    };
    Ok((list("requests"), list("rejections")))
}

async fn requests_are_found_by_what_became_of_them(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (_, hook) = publish(&jackfield, "json").await?;
    let bearer = format!("Bearer {TOKEN}");
    let json_type = ("content-type", "application/json");
    for body in ["{}", "[1]"] {
        hook.post(&[json_type, ("authorization", &bearer)], body)
            .await?;
    }
    hook.post(&[json_type, ("authorization", &bearer)], "{")
        .await?;
    for _ in 0..3 {
        hook.post(&[json_type], "{}").await?;
    }
    let all = requests(&owner, &hook).await?;
    let reason = all["nodes"][0]["reason"].clone();
    let long_ago = "2020-01-01T00:00:00Z";
    for (filter, count) in [
        (json!(null), 6),
        (json!({"verdict": "ACCEPTED"}), 2),
        (json!({"verdict": "REJECTED"}), 4),
        (json!({"verdict": "DUPLICATE"}), 0),
        (json!({"verdict": "ACCEPTED", "reason": reason}), 0),
        (json!({"since": long_ago}), 6),
        (json!({"until": long_ago}), 0),
        (json!({"verdict": "ACCEPTED", "until": long_ago}), 0),
    ] {
        let (found, _) = counts(&owner, &hook, filter.clone(), json!(null)).await?;
        assert_eq!(found, count, "{filter}");
    }
    for (filter, count) in [
        (json!(null), 4),
        (json!({"reason": reason}), 3),
        (json!({"reason": "MALFORMED_BODY"}), 1),
        (json!({"reason": reason, "since": long_ago}), 3),
        (json!({"until": long_ago}), 0),
    ] {
        let (by_reason, rejections) = counts(&owner, &hook, filter.clone(), filter.clone()).await?;
        assert_eq!(rejections, count, "{filter}");
        if filter.get("reason").is_some() {
            assert_eq!(by_reason, count, "{filter}");
        }
    }
    jackfield.finish().await
}
