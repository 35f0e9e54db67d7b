//! What steps make of templates.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, Engine, Jackfield, Postmark, Reply, Setup, example, graph, node, node_of_app,
    on_both_engines, step,
};
use serde_json::{Value, json};

use super::{delete_sender, receipt, senders, sends};

on_both_engines![
    a_webhook_sends_a_template,
    what_the_node_says_itself_comes_first,
    a_step_sends_the_template_as_it_is_when_it_begins,
    every_attempt_sends_the_same,
    a_mail_under_way_is_sent_again_as_it_was,
    what_cannot_be_sent_fails_the_step,
    a_node_is_tried_out_with_a_template,
];

/// The mails that reached Postmark.
fn sent(postmark: &Postmark) -> Vec<Value> {
    let requests = postmark.outside.requests_to("/email");
    requests.iter().map(|request| request.json()).collect()
}

/// A run with what its mail was made with.
async fn warned(owner: &Client, run: &Value) -> Result<Value> {
    let document = "query($id: ID!) { run(id: $id) { steps { nodeKey status input warnings { code message } } } }";
    let data = owner.data_with(document, json!({"id": run})).await?;
    let steps = data["run"]["steps"].as_array().context("steps")?;
    let mail = steps.iter().find(|step| step["nodeKey"] == "mail");
    mail.cloned().context("the step of the mail")
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn a_webhook_sends_a_template(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, ids) = senders(&owner, &postmark, &["a@example.com", "b@example.com"]).await?;
    let template = receipt(&owner, Some(&ids[1])).await?;
    let config =
        json!({"operation": "send_email", "to": "{{ trigger.body.email }}", "template": template});
    let mail = node_of_app("mail", "postmark", &app, config);
    let definition = graph(
        [node("paid", "webhook", json!({})), mail],
        &["paid -> mail"],
    );
    let workflow = owner.publish("Thank", definition).await?;
    let body = json!({"id": "1", "name": "Ada & <Bob>", "email": "ada@example.com"});
    workflow.hooks[0].post_json(&body).await?;
    owner.ended_runs_of(&workflow, 1).await?;
    delete_sender(&owner, &ids[1]).await?;
    let body = json!({"id": "2", "name": "Cleo", "email": "cleo@example.com"});
    workflow.hooks[0].post_json(&body).await?;
    let runs = owner.ended_runs_of(&workflow, 2).await?;
    let mut mails = Vec::new();
    for run in runs.iter().rev() {
        let step = warned(&owner, &run["id"]).await?.to_string();
        let step = step.replace(ids[1].as_str().unwrap_or_default(), "[id]");
        mails.push(serde_json::from_str::<Value>(&step)?);
    }
    allow_duplicates! {
        assert_json_snapshot!(mails, @r#"
        [
          {
            "nodeKey": "mail",
            "status": "SUCCEEDED",
            "input": {
              "operation": "send_email",
              "to": "ada@example.com",
              "template": {
                "subject": "Receipt for Ada & <Bob>",
                "htmlBody": "<p>Dear Ada &amp; &lt;Bob&gt;</p>",
                "textBody": "Dear Ada & <Bob>",
                "from": "b@example.com"
              },
              "subject": "Receipt for Ada & <Bob>",
              "htmlBody": "<p>Dear Ada &amp; &lt;Bob&gt;</p>",
              "textBody": "Dear Ada & <Bob>",
              "from": "b@example.com"
            },
            "warnings": []
          },
          {
            "nodeKey": "mail",
            "status": "SUCCEEDED",
            "input": {
              "operation": "send_email",
              "to": "cleo@example.com",
              "template": {
                "subject": "Receipt for Cleo",
                "htmlBody": "<p>Dear Cleo</p>",
                "textBody": "Dear Cleo",
                "from": "a@example.com"
              },
              "subject": "Receipt for Cleo",
              "htmlBody": "<p>Dear Cleo</p>",
              "textBody": "Dear Cleo",
              "from": "a@example.com"
            },
            "warnings": [
              {
                "code": "RESOURCE_REPLACED",
                "message": "the sender of the message in `template` is the resource [id], which is gone: the default, `a@example.com`, was used in its place"
              }
            ]
          }
        ]
        "#);
        assert_json_snapshot!(sent(&postmark), @r#"
        [
          {
            "From": "b@example.com",
            "To": "ada@example.com",
            "Subject": "Receipt for Ada & <Bob>",
            "HtmlBody": "<p>Dear Ada &amp; &lt;Bob&gt;</p>",
            "TextBody": "Dear Ada & <Bob>"
          },
          {
            "From": "a@example.com",
            "To": "cleo@example.com",
            "Subject": "Receipt for Cleo",
            "HtmlBody": "<p>Dear Cleo</p>",
            "TextBody": "Dear Cleo"
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn what_the_node_says_itself_comes_first(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let addresses = ["a@example.com", "b@example.com"];
    let (app, ids) = senders(&owner, &postmark, &addresses).await?;
    let template = receipt(&owner, Some(&ids[1])).await?;
    for more in [
        json!({"from": "Example <c@example.com>", "subject": "Hello"}),
        json!({"from": ids[0], "textBody": "Hello"}),
    ] {
        let definition = sends(&app, &template, more);
        let run = owner.run_once(definition, json!({"name": "Ada"})).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
        // What is sent from elsewhere misses no sender.
        delete_sender(&owner, &ids[1]).await.ok();
        assert_eq!(warned(&owner, &run["id"]).await?["warnings"], json!([]));
    }
    let shown: Vec<_> = sent(&postmark)
        .iter()
        .map(|mail| {
            json!([
                mail["From"],
                mail["Subject"],
                mail["TextBody"],
                mail["HtmlBody"]
            ])
        })
        .collect();
    assert_eq!(
        shown,
        [
            json!([
                "Example <c@example.com>",
                "Hello",
                "Dear Ada",
                "<p>Dear Ada</p>"
            ]),
            json!([
                "a@example.com",
                "Receipt for Ada",
                "Hello",
                "<p>Dear Ada</p>"
            ]),
        ]
    );
    jackfield.finish().await
}

async fn a_step_sends_the_template_as_it_is_when_it_begins(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, _) = senders(&owner, &postmark, &["a@example.com"]).await?;
    let template = receipt(&owner, None).await?;
    let definition = sends(&app, &json!("{{ trigger.body.template }}"), json!({}));
    let workflow = owner.publish("Thank", definition).await?;
    for subject in ["One", "Two", "Three"] {
        let change = json!({"messageTemplateId": template, "subject": subject});
        owner
            .succeed("updateMessageTemplate", change, "messageTemplate { id }")
            .await?;
        let input = json!({"name": "Ada", "template": template});
        let run = owner.run_to_end(&workflow, input).await?;
        assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    }
    let subjects: Vec<_> = sent(&postmark)
        .iter()
        .map(|mail| mail["Subject"].clone())
        .collect();
    assert_eq!(subjects, ["One", "Two", "Three"]);
    jackfield.finish().await
}

async fn every_attempt_sends_the_same(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, ids) = senders(&owner, &postmark, &["a@example.com", "b@example.com"]).await?;
    let template = receipt(&owner, Some(&ids[1])).await?;
    let sent_once = json!({"To": "ada@example.com", "SubmittedAt": "2026-11-27T10:00:00Z", "MessageID": "b7bc2f4a", "ErrorCode": 0, "Message": "OK"});
    let limited = json!({"ErrorCode": 429, "Message": "Rate limit exceeded"});
    postmark.outside.answer(
        "/email",
        [Reply::json(429, &limited), Reply::json(200, &sent_once)],
    );
    let mut definition = sends(&app, &template, json!({}));
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT2S"});
    let workflow = owner.publish("Thank", definition).await?;
    let run = owner.start_run(&workflow, json!({"name": "Ada"})).await?;
    owner.reached(&run, "mail", "WAITING").await?;
    let change = json!({"messageTemplateId": template, "subject": "Changed"});
    owner
        .succeed("updateMessageTemplate", change, "messageTemplate { id }")
        .await?;
    delete_sender(&owner, &ids[1]).await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let mails = sent(&postmark);
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
    assert_eq!(mails[0]["Subject"], "Receipt for Ada");
    assert_eq!(mails[0]["From"], "b@example.com");
    jackfield.finish().await
}

async fn a_mail_under_way_is_sent_again_as_it_was(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let mut jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, ids) = senders(&owner, &postmark, &["a@example.com", "b@example.com"]).await?;
    let template = receipt(&owner, Some(&ids[1])).await?;
    let taken = json!({"To": "ada@example.com", "SubmittedAt": "2026-11-27T10:00:00Z", "MessageID": "b7bc2f4a", "ErrorCode": 0, "Message": "OK"});
    postmark
        .outside
        .answer("/email", [Reply::hang(), Reply::json(200, &taken)]);
    let mut definition = sends(&app, &template, json!({}));
    definition["nodes"][1]["onUncertain"] = "RETRY".into();
    let workflow = owner.publish("Thank", definition).await?;
    let earlier = postmark.outside.requests().len();
    let run = owner.start_run(&workflow, json!({"name": "Ada"})).await?;
    postmark.outside.wait_for(earlier + 1).await?;
    // What it was sent from is on disk although nothing of the attempt has returned.
    delete_sender(&owner, &ids[1]).await?;
    let delete = json!({"messageTemplateId": template, "force": true});
    owner
        .succeed("deleteMessageTemplate", delete, "messageTemplate { id }")
        .await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let mails = sent(&postmark);
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
    assert_eq!(mails[1]["From"], "b@example.com");
    jackfield.finish().await
}

/// What one server has in memory is out of date as soon as another one has changed it.
#[test]
fn another_node_sends_it_as_it_is_too() -> Result<()> {
    example(Engine::Postgres, elsewhere)
}

async fn elsewhere(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let first = Jackfield::start(engine).await?;
    let (app, _) = senders(&first.owner(), &postmark, &["a@example.com"]).await?;
    let template = receipt(&first.owner(), None).await?;
    let definition = sends(&app, &template, json!({}));
    let workflow = first.owner().publish("Thank", definition).await?;
    let input = json!({"name": "Ada"});
    first.owner().run_to_end(&workflow, input.clone()).await?;
    let second = Setup::node_of(&first)?.start().await?;
    let change = json!({"messageTemplateId": template, "subject": "Changed"});
    second
        .owner()
        .succeed("updateMessageTemplate", change, "messageTemplate { id }")
        .await?;
    for server in [&first, &second] {
        server.owner().run_to_end(&workflow, input.clone()).await?;
    }
    let subjects: Vec<_> = sent(&postmark)
        .iter()
        .map(|mail| mail["Subject"].clone())
        .collect();
    assert_eq!(subjects, ["Receipt for Ada", "Changed", "Changed"]);
    second.finish().await?;
    first.finish().await
}

async fn what_cannot_be_sent_fails_the_step(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, ids) = senders(&owner, &postmark, &["a@example.com", "b@example.com"]).await?;
    let other = postmark.connect(&owner, "Other").await?;
    let template = receipt(&owner, Some(&ids[1])).await?;
    let sms = json!({"name": "Reminder", "channel": "SMS", "textBody": "Hi"});
    let sms = owner
        .succeed("createMessageTemplate", sms, "messageTemplate { id }")
        .await?["messageTemplate"]["id"]
        .clone();
    let mut errors = Vec::new();
    for (app, input) in [
        (&app, json!({"template": "tpl_01HF7YAT00000000000000001A"})),
        (&app, json!({"template": "the receipt"})),
        (&app, json!({"template": sms})),
        (&app, json!({"template": template})),
        (&other, json!({"template": template, "name": "Ada"})),
    ] {
        let definition = sends(app, &json!("{{ trigger.body.template }}"), json!({}));
        let run = owner.run_once(definition, input).await?;
        errors.push(step(&run, "mail")["error"].clone());
    }
    for sender in &ids {
        delete_sender(&owner, sender).await?;
    }
    let definition = sends(&app, &template, json!({}));
    let run = owner.run_once(definition, json!({"name": "Ada"})).await?;
    errors.push(step(&run, "mail")["error"].clone());
    let mut errors = json!(errors).to_string();
    for (id, shown) in [
        (&template, "[receipt]"),
        (&sms, "[sms]"),
        (&ids[1], "[sender]"),
    ] {
        errors = errors.replace(id.as_str().unwrap_or_default(), shown);
    }
    let errors: Value = serde_json::from_str(&errors)?;
    allow_duplicates! {
        assert_json_snapshot!(errors, @r#"
        [
          {
            "code": "MESSAGE_TEMPLATE_NOT_FOUND",
            "message": "`template` is the message template `tpl_01HF7YAT00000000000000001A`, and there is none: choose another one in the node"
          },
          {
            "code": "MESSAGE_TEMPLATE_NOT_FOUND",
            "message": "`template` is the message template `the receipt`, and there is none: choose another one in the node"
          },
          {
            "code": "MESSAGE_TEMPLATE_UNUSABLE",
            "message": "`template` is the message template `Reminder` ([sms]), which is of the channel SMS; the node sends those of EMAIL"
          },
          {
            "code": "EXPRESSION_FAILED",
            "message": "`template` is the message template `Receipt` ([receipt]); its `subject`: `trigger.body.name` is undefined; add `| default(…)` if it may be missing, at character 16"
          },
          {
            "code": "RESOURCE_UNUSABLE",
            "message": "the sender of the message in `template` is `b@example.com`, which is one of another connected app than `Other`, which the step uses: choose another one in the message template or in the node"
          },
          {
            "code": "RESOURCE_NOT_FOUND",
            "message": "the sender of the message in `template` is the resource [sender], which is gone, and the connected app `Mail` has no verified default to take its place: choose another one in the message template or in the node"
          }
        ]
        "#);
    }
    assert!(sent(&postmark).is_empty());
    jackfield.finish().await
}

async fn a_node_is_tried_out_with_a_template(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, _) = senders(&owner, &postmark, &["a@example.com"]).await?;
    let template = receipt(&owner, None).await?;
    let definition = sends(&app, &template, json!({}));
    let mut input = definition["nodes"][1].clone();
    input["scope"] = json!({"trigger": {"body": {"name": "Ada"}}});
    if let Some(members) = input.as_object_mut() {
        members.remove("key");
    }
    let tested = owner
        .mutate("testNode", input, "result { error input }")
        .await?;
    assert_eq!(tested["result"]["error"], Value::Null, "{tested:#}");
    assert_eq!(sent(&postmark)[0]["Subject"], "Receipt for Ada");
    jackfield.finish().await
}
