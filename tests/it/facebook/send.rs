//! Messages and posts.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Facebook, Jackfield, Reply, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_token_is_tested_before_it_is_stored,
    a_page_posts_and_writes,
    without_the_secret_of_the_app_nothing_is_proven,
    what_goes_wrong_leaves_by_the_error_port,
    what_is_under_way_is_not_sent_again_unasked,
];

/// A workflow that writes to somebody by Messenger.
fn writes(app: &Value) -> Value {
    let config = json!({"operation": "send_message", "to": "{{ trigger.body.to }}", "text": "See you at {{ trigger.body.at }}."});
    start_then_or_excuse(node_of_app("write", "facebook", app, config))
}

fn booking() -> Value {
    json!({"to": "2468013579", "at": "10:00"})
}

async fn a_token_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let shown = "connectedApp { status maskedCredential lastHealthCheck { ok message } }";
    let connected = owner.succeed("connectApp", facebook.input(), shown).await?;
    let tested = &facebook.outside.requests_to(Facebook::ME)[0];
    assert_eq!(
        tested.header("authorization"),
        "Bearer EAA-token-of-the-page"
    );
    let proof = Facebook::proof("EAA-token-of-the-page");
    assert!(
        tested.query.ends_with(&format!("&appsecret_proof={proof}")),
        "{}",
        tested.query
    );
    let said = "Invalid OAuth access token - Cannot parse access token";
    facebook
        .outside
        .answer(Facebook::ME, [Facebook::error(400, 190, said)]);
    let refused = owner
        .mutate("connectApp", facebook.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(json!([connected["connectedApp"], refused["userErrors"]]), @r#"
        [
          {
            "status": "CONNECTED",
            "maskedCredential": "••••page",
            "lastHealthCheck": {
              "ok": true,
              "message": "Acme Cleaning"
            }
          },
          [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Facebook and WhatsApp does not take these credentials: graph.facebook.com answered 400: Invalid OAuth access token - Cannot parse access token."
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_page_posts_and_writes(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let app = facebook.connect(&owner).await?.id;
    let post =
        json!({"operation": "create_post", "message": "We are open at {{ trigger.body.at }}."});
    let write = json!({"operation": "send_message", "to": "{{ trigger.body.to }}", "text": "See {{ steps.post.output.url }}"});
    let nodes = [
        node("start", "manual", json!({})),
        node_of_app("post", "facebook", &app, post),
        node_of_app("write", "facebook", &app, write),
    ];
    let definition = graph(nodes, &["start -> post", "post -> write"]);
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(
        step(&run, "write")["output"],
        json!({"messageId": "m_2", "recipient": "2468013579"}),
        "{run:#}"
    );
    let posted = &facebook.outside.requests_to(Facebook::FEED)[0];
    assert_eq!(posted.json(), json!({"message": "We are open at 10:00."}));
    let proof = Facebook::proof("EAA-token-of-the-page");
    assert_eq!(posted.query, format!("appsecret_proof={proof}"));
    let written = &facebook.outside.requests_to(Facebook::MESSENGER)[0];
    assert_eq!(written.query, posted.query);
    assert_eq!(
        written.json(),
        json!({
            "recipient": {"id": "2468013579"}, "messaging_type": "RESPONSE", "message": {"text": "See https://www.facebook.com/104711_1"},
        })
    );
    jackfield.finish().await
}

async fn without_the_secret_of_the_app_nothing_is_proven(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let mut input = facebook.input();
    input["credentials"]["webhookSecret"] = Value::Null;
    let owner = jackfield.owner();
    owner
        .succeed("connectApp", input, "connectedApp { status }")
        .await?;
    let tested = &facebook.outside.requests_to(Facebook::ME)[0];
    assert_eq!(tested.query, "fields=id%2Cname");
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let app = facebook.connect(&owner).await?.id;
    let mut definition = writes(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    let late = "(#10) This message is sent outside of allowed window.";
    for reply in [Facebook::error(400, 10, late), Reply::hang()] {
        facebook.outside.answer(Facebook::MESSENGER, [reply]);
        let run = owner.run_once(definition.clone(), booking()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "ERROR_10",
            "message": "graph.facebook.com answered 400: (#10) This message is sent outside of allowed window.",
            "data": {
              "error": {
                "message": "(#10) This message is sent outside of allowed window.",
                "type": "OAuthException",
                "code": 10,
                "fbtrace_id": "BLBz/WZt8dN"
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
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 3, "initialDelay": "PT0.1S"});
    // A limit of the Page comes with the status of a mistake.
    let limits = [(429, 80_007), (400, 613)];
    let mut replies = limits
        .map(|(status, code)| {
            Facebook::error(
                status,
                code,
                "Calls to this api have exceeded the rate limit.",
            )
        })
        .to_vec();
    replies.push(Facebook::sent());
    facebook.outside.answer(Facebook::MESSENGER, replies);
    let run = owner.run_once(definition, booking()).await?;
    assert_eq!(step(&run, "write")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "write")["attempt"], 3, "{run:#}");
    jackfield.finish().await
}

async fn what_is_under_way_is_not_sent_again_unasked(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let mut jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let app = facebook.connect(&owner).await?.id;
    let earlier = facebook.outside.requests().len();
    facebook
        .outside
        .answer(Facebook::MESSENGER, [Reply::hang(), Facebook::sent()]);
    let workflow = owner.publish("Write", writes(&app)).await?;
    let run = owner.start_run(&workflow, booking()).await?;
    facebook.outside.wait_for(earlier + 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    // Meta has no idempotency keys: whether to send it again, a person decides.
    owner.reached(&run, "write", "UNCERTAIN").await?;
    let sent = || facebook.outside.requests_to(Facebook::MESSENGER).len();
    assert_eq!(sent(), 1);
    let shown = owner.run(&run).await?;
    let again = json!({"stepId": step(&shown, "write")["id"], "resolution": "RETRY"});
    owner.succeed("resolveStep", again, "step { id }").await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(sent(), 2);
    jackfield.finish().await
}
