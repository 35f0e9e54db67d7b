//! Calls and messages that come in.

use anyhow::{Result, ensure};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, Engine, Jackfield, Quo, QuoApp, Workflow, graph, node, node_of_app, on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![
    calls_and_messages_of_both_generations_start_workflows,
    a_request_that_was_kept_starts_workflows_again,
    what_nobody_has_signed_is_not_believed,
];

/// A workflow that starts with these events, and shows them.
async fn listening(owner: &Client, app: &QuoApp, events: &[&str]) -> Result<Workflow> {
    let trigger = node_of_app("told", "quo-event", &app.id, json!({"events": events}));
    let values = json!({"values": {
        "event": "{{ trigger.body.event }}", "contact": "{{ trigger.body.contact }}", "text": "{{ trigger.body.text }}",
        "quo": "{{ trigger.event.type }}", "again": "{{ trigger.event.replayOf is defined }}",
    }});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    owner.publish(events[0], definition).await
}

/// A call that came in and was not answered, in the older generation.
fn missed(id: &str) -> Value {
    json!({
        "id": id, "object": "event", "apiVersion": "v4", "createdAt": "2026-11-27T10:00:00.000Z", "type": "call.completed",
        "data": {"object": {
            "id": "AC1", "object": "call", "answeredAt": null, "direction": "incoming", "status": "completed",
            "participants": ["+15551230000"],
        }},
    })
}

/// A message that came in, in the current generation.
fn message(id: &str) -> Value {
    json!({
        "id": id, "apiVersion": "2026-03-30", "createdAt": "2026-11-27T10:00:00.000Z", "type": "message.received",
        "data": {
            "resource": {"id": "AC2", "direction": "incoming", "from": "+15551230000", "to": ["+15550100"], "text": "Call me"},
            "context": {}, "links": {"quo": null},
        },
    })
}

/// What the runs of a workflow have seen, oldest first.
async fn seen(owner: &Client, workflow: &Workflow, count: usize) -> Result<Vec<Value>> {
    let mut runs = owner.ended_runs_of(workflow, count).await?;
    runs.reverse();
    ensure!(runs.len() == count, "{runs:#?}");
    Ok(runs.iter().map(|run| run["output"].clone()).collect())
}

async fn calls_and_messages_of_both_generations_start_workflows(engine: Engine) -> Result<()> {
    let quo = Quo::start(&["+15550100"]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    app.believe_both(&owner).await?;
    let calls = listening(&owner, &app, &["call.missed"]).await?;
    let messages = listening(&owner, &app, &["sms.received", "sms.failed"]).await?;
    for answer in [
        app.post_older(&missed("EV1")).await?,
        app.post(&message("EV2")).await?,
        app.post(&message("EV2")).await?,
    ] {
        ensure!(answer.status == 200, "{answer:?}");
    }
    let call = seen(&owner, &calls, 1).await?;
    let sms = seen(&owner, &messages, 1).await?;
    allow_duplicates! {
        assert_json_snapshot!([call, sms], @r#"
        [
          [
            {
              "event": "call.missed",
              "contact": "+15551230000",
              "text": null,
              "quo": "quo.call.completed",
              "again": false
            }
          ],
          [
            {
              "event": "sms.received",
              "contact": "+15551230000",
              "text": "Call me",
              "quo": "quo.message.received",
              "again": false
            }
          ]
        ]
        "#);
    }
    let events = "{ events { nodes { type source occurredAt } } }";
    let events = owner.data(events).await?;
    // As Quo says it, and not when it came.
    let at = "2026-11-27T10:00:00Z";
    assert_eq!(
        events["events"]["nodes"],
        json!([
            {"type": "quo.message.received", "source": "quo", "occurredAt": at},
            {"type": "quo.call.completed", "source": "quo", "occurredAt": at},
        ])
    );
    jackfield.finish().await
}

async fn a_request_that_was_kept_starts_workflows_again(engine: Engine) -> Result<()> {
    let quo = Quo::start(&["+15550100"]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    let answer = app.post(&message("EV1")).await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    // The workflow came later than the message.
    let messages = listening(&owner, &app, &["sms.received"]).await?;
    let calls = listening(&owner, &app, &["call.missed"]).await?;
    let document =
        "query($id: ID!) { node(id: $id) { ... on InboundHook { requests { nodes { id } } } } }";
    let kept = owner
        .data_with(document, json!({"id": app.hook.id}))
        .await?;
    let input = json!({"inboundRequestId": kept["node"]["requests"]["nodes"][0]["id"]});
    owner
        .succeed("replayInboundRequest", input, "event { id }")
        .await?;
    let again = seen(&owner, &messages, 1).await?;
    assert_eq!(again[0]["text"], "Call me");
    assert_eq!(again[0]["again"], true);
    assert_eq!(owner.runs_of(&calls).await?, Vec::<Value>::new());
    jackfield.finish().await
}

async fn what_nobody_has_signed_is_not_believed(engine: Engine) -> Result<()> {
    let quo = Quo::start(&["+15550100"]).await?;
    let jackfield = Jackfield::with(engine, &["quo"]).await?;
    let owner = jackfield.owner();
    let app = quo.connect(&owner).await?;
    let calls = listening(&owner, &app, &["call.missed"]).await?;
    let body = missed("EV1").to_string();
    let unsigned = app.hook.post(&[], body.clone()).await?;
    let forged = app
        .hook
        .post(
            &[("openphone-signature", "hmac;1;1700000000000;AAAA")],
            body,
        )
        .await?;
    // The key of the older generation is not known yet.
    let unknown = app.post_older(&missed("EV1")).await?;
    // The trigger checks nothing itself, so nobody can have it do so.
    let input = json!({"inboundHookId": app.hook.id, "config": {"scheme": "plugin"}});
    let refused = owner
        .mutate("updateInboundHook", input, "inboundHook { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!([unsigned.json(), forged.json(), unknown.json(), refused["userErrors"].clone()], @r#"
        [
          {
            "error": {
              "code": "MISSING_SIGNATURE",
              "message": "openphone-signature is missing"
            }
          },
          {
            "error": {
              "code": "WRONG_SIGNATURE",
              "message": "no signature fits the body and the secret"
            }
          },
          {
            "error": {
              "code": "WRONG_SIGNATURE",
              "message": "no signature fits the body and the secret"
            }
          },
          [
            {
              "field": [
                "input",
                "scheme"
              ],
              "code": "INVALID",
              "message": "no loaded plugin verifies webhooks of `quo`; choose another scheme"
            }
          ]
        ]
        "#);
    }
    assert_eq!(owner.runs_of(&calls).await?, Vec::<Value>::new());
    jackfield.finish().await
}
