//! Messages, channels and reactions.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Reply, Slack, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_token_is_tested_before_it_is_stored,
    a_job_gets_a_channel_a_message_a_reply_and_a_tick,
    what_goes_wrong_leaves_by_the_error_port,
    a_message_under_way_is_sent_again_only_where_that_is_wanted,
];

/// A workflow that sends a message.
fn tells(app: &Value) -> Value {
    let message = "Booked: {{ trigger.body.name }}";
    let config = json!({"operation": "send_message", "channel": "#operations", "message": message});
    start_then_or_excuse(node_of_app("tell", "slack", app, config))
}

async fn a_token_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    slack.connect(&owner).await?;
    let tested = &slack.outside.requests_to("/api/auth.test")[0];
    assert_eq!(
        tested.header("authorization"),
        "Bearer xoxb-token-of-the-tests"
    );
    let refused = Slack::refused(200, "invalid_auth");
    slack.outside.answer("/api/auth.test", [refused]);
    let refused = owner
        .mutate("connectApp", slack.input(), "connectedApp { id }")
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
              "message": "Slack does not take these credentials: slack.com answered 200: invalid_auth. Slack does not take the token: install the app again, and give the connected app its new token."
            }
          ]
        }
        "#);
    }
    jackfield.finish().await
}

async fn a_job_gets_a_channel_a_message_a_reply_and_a_tick(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = slack.connect(&owner).await?.id;
    let slack_node = |key: &str, config: Value| node_of_app(key, "slack", &app, config);
    let blocks = json!([{"type": "divider"}]);
    let nodes = [
        node("start", "manual", json!({})),
        slack_node(
            "create",
            json!({"operation": "create_channel", "name": "#job-{{ trigger.body.job }}"}),
        ),
        slack_node(
            "post",
            json!({
                "operation": "send_message", "channel": "{{ steps.create.output.channel.id }}", "message": "Spring clean",
                "blocks": blocks,
            }),
        ),
        slack_node(
            "reply",
            json!({
                "operation": "send_message", "channel": "{{ steps.post.output.channel }}", "message": "Paid",
                "thread": "{{ steps.post.output.ts }}",
            }),
        ),
        slack_node(
            "tick",
            json!({
                "operation": "add_reaction", "channel": "#operations", "message": "{{ steps.post.output.ts }}",
                "emoji": ":white_check_mark:",
            }),
        ),
    ];
    let edges = [
        "start -> create",
        "create -> post",
        "post -> reply",
        "reply -> tick",
    ];
    let run = owner
        .run_once(graph(nodes, &edges), json!({"job": 12}))
        .await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(
        step(&run, "tick")["output"],
        json!({"channel": "C0123456789", "ts": "1700000000.000100", "emoji": "white_check_mark", "already": false})
    );
    let sent = |path: &str| {
        let requests = slack.outside.requests_to(path).into_iter();
        requests.map(|request| request.text()).collect::<Vec<_>>()
    };
    assert_eq!(sent("/api/conversations.create"), ["name=job-12"]);
    assert_eq!(
        sent("/api/chat.postMessage"),
        [
            "channel=C0123456790&text=Spring+clean&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D",
            "channel=C0123456789&text=Paid&thread_ts=1700000000.000100",
        ]
    );
    assert_eq!(
        sent("/api/reactions.add"),
        ["channel=C0123456789&timestamp=1700000000.000100&name=white_check_mark"]
    );
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = slack.connect(&owner).await?.id;
    let mut definition = tells(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    for reply in [Slack::refused(200, "channel_not_found"), Reply::hang()] {
        slack.outside.answer("/api/chat.postMessage", [reply]);
        let run = owner
            .run_once(definition.clone(), json!({"name": "Ada"}))
            .await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "CHANNEL_NOT_FOUND",
            "message": "slack.com answered 200: channel_not_found. Slack shows the app no such channel: check its name or id, and invite the app where it is private.",
            "data": {
              "ok": false,
              "error": "channel_not_found"
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    // One that is sent too fast waits and is sent again.
    let before = slack.messages().len();
    let limited = Slack::refused(429, "ratelimited").header("retry-after", "1");
    slack
        .outside
        .answer("/api/chat.postMessage", [limited, Slack::sent()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, json!({"name": "Ada"})).await?;
    assert_eq!(step(&run, "tell")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "tell")["attempt"], 2, "{run:#}");
    let messages = slack.messages();
    let waited = messages[before + 1].arrived - messages[before].arrived;
    assert!(waited.as_millis() >= 1000, "{waited:?}");
    jackfield.finish().await
}

async fn a_message_under_way_is_sent_again_only_where_that_is_wanted(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let mut jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = slack.connect(&owner).await?.id;
    let earlier = slack.outside.requests().len();
    slack.outside.answer(
        "/api/chat.postMessage",
        [Reply::hang(), Reply::hang(), Slack::sent()],
    );
    let mut runs = Vec::new();
    for policy in [None, Some("RETRY")] {
        let mut definition = tells(&app);
        definition["nodes"][1]["onUncertain"] = policy.into();
        let workflow = owner.publish("Tell", definition).await?;
        runs.push(owner.start_run(&workflow, json!({"name": "Ada"})).await?);
    }
    slack.outside.wait_for(earlier + 2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let again = owner.ended(&runs[1]).await?;
    assert_eq!(again["status"], "SUCCEEDED", "{again:#}");
    // Slack has no idempotency keys: whether to send the other one again, a person decides.
    owner.reached(&runs[0], "tell", "UNCERTAIN").await?;
    assert_eq!(slack.messages().len(), 3);
    let run = owner.run(&runs[0]).await?;
    let input = json!({"stepId": step(&run, "tell")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", input, "step { id }").await?;
    assert_eq!(owner.ended(&runs[0]).await?["status"], "SUCCEEDED");
    assert_eq!(slack.messages().len(), 4);
    jackfield.finish().await
}
