//! What steps make of resources.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, Engine, Jackfield, Postmark, node_of_app, on_both_engines, start_then,
};
use serde_json::{Value, json};

use super::add;

on_both_engines![
    a_step_sends_from_the_resource_that_it_names,
    a_resource_that_is_gone_is_replaced_by_the_default,
    what_cannot_be_used_fails_the_step,
    an_operation_without_a_sender_is_given_none,
];

fn mail(app: &Value, from: Option<&Value>) -> Value {
    let mut config = json!({"operation": "send_email", "to": "ada@example.com", "subject": "Hi", "textBody": "Hi"});
    if let Some(from) = from {
        config["from"] = from.clone();
    }
    start_then(node_of_app("mail", "postmark", app, config))
}

/// Runs it once and returns what the step of the mail was like.
async fn sent(owner: &Client, definition: Value, input: Value) -> Result<Value> {
    let run = owner.run_once(definition, input).await?;
    let document = "query($id: ID!) { run(id: $id) { steps { nodeKey status input error warnings { code message } } } }";
    let data = owner.data_with(document, json!({"id": run["id"]})).await?;
    let mut step = data["run"]["steps"][1].clone();
    step["input"] = step["input"]["from"].take();
    Ok(step)
}

async fn a_step_sends_from_the_resource_that_it_names(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[("a@example.com", true), ("b@example.com", true)]);
    let (_, named) = (
        add(&owner, &app, "a@example.com").await?,
        add(&owner, &app, "b@example.com").await?,
    );
    for (from, input) in [
        (Some(named["id"].clone()), json!({})),
        (None, json!({})),
        (Some("Example <c@example.com>".into()), json!({})),
        (
            Some("{{ trigger.body.from }}".into()),
            json!({"from": named["id"]}),
        ),
    ] {
        let step = sent(&owner, mail(&app, from.as_ref()), input).await?;
        assert_eq!(
            (&step["status"], &step["warnings"]),
            (&json!("SUCCEEDED"), &json!([])),
            "{step:#}"
        );
    }
    let from: Vec<Value> = postmark
        .outside
        .requests_to("/email")
        .iter()
        .map(|request| request.json()["From"].clone())
        .collect();
    assert_eq!(
        json!(from),
        json!([
            "b@example.com",
            "a@example.com",
            "Example <c@example.com>",
            "b@example.com"
        ])
    );
    let used = "query($id: ID!) { resource(id: $id) { usedBy { nodeKeys workflow { name } } } }";
    let used = owner.data_with(used, json!({"id": named["id"]})).await?;
    assert_eq!(used["resource"]["usedBy"][0]["nodeKeys"], json!(["mail"]));
    jackfield.finish().await
}

async fn a_resource_that_is_gone_is_replaced_by_the_default(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[("a@example.com", true), ("b@example.com", true)]);
    add(&owner, &app, "a@example.com").await?;
    let named = add(&owner, &app, "b@example.com").await?["id"].clone();
    owner
        .succeed(
            "deleteResource",
            json!({"resourceId": named}),
            "resource { id }",
        )
        .await?;
    let mut step = sent(&owner, mail(&app, Some(&named)), json!({})).await?;
    let message = step["warnings"][0]["message"].as_str().unwrap_or_default();
    let message = message.replace(named.as_str().unwrap_or_default(), "[id]");
    step["warnings"][0]["message"] = message.into();
    allow_duplicates! {
        assert_json_snapshot!(step, @r#"
    {
      "nodeKey": "mail",
      "status": "SUCCEEDED",
      "input": "a@example.com",
      "error": null,
      "warnings": [
        {
          "code": "RESOURCE_REPLACED",
          "message": "`from` is the resource [id], which is gone: the default, `a@example.com`, was used in its place"
        }
      ]
    }
    "#);
    }
    assert_eq!(
        postmark.outside.requests_to("/email")[0].json()["From"],
        "a@example.com"
    );
    jackfield.finish().await
}

async fn what_cannot_be_used_fails_the_step(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, other) = (
        postmark.connect(&owner, "Mail").await?,
        postmark.connect(&owner, "Other").await?,
    );
    postmark.senders(&[("b@example.com", true)]);
    let unverified = add(&owner, &app, "a@example.com").await?["id"].clone();
    let of_other = add(&owner, &other, "b@example.com").await?["id"].clone();
    let gone = json!("res_01HF7YAT00000000000000001A");
    let mut errors = Vec::new();
    for from in [Some(&unverified), Some(&of_other), Some(&gone), None] {
        let step = sent(&owner, mail(&app, from), json!({})).await?;
        assert_eq!(step["status"], "FAILED");
        errors.push(step["error"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(errors, @r#"
    [
      {
        "code": "RESOURCE_UNUSABLE",
        "message": "`from` is the resource `a@example.com`, which cannot be used: it is not verified: verify it with its provider, or choose another one"
      },
      {
        "code": "RESOURCE_UNUSABLE",
        "message": "`from` is the resource `b@example.com`, which cannot be used: it is one of another connected app than `Mail`, which the step uses"
      },
      {
        "code": "RESOURCE_NOT_FOUND",
        "message": "`from` is the resource res_01HF7YAT00000000000000001A, which is gone, and there is no verified default of the type sender_email to take its place: choose another one in the node"
      },
      {
        "code": "INVALID_CONFIG",
        "message": "The config of postmark is not valid: missing field `from`."
      }
    ]
    "#);
    }
    assert!(postmark.outside.requests_to("/email").is_empty());
    jackfield.finish().await
}

async fn an_operation_without_a_sender_is_given_none(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[("a@example.com", true)]);
    add(&owner, &app, "a@example.com").await?;
    let config = json!({"operation": "delivery_stats"});
    let stats = start_then(node_of_app("stats", "postmark", &app, config.clone()));
    let run = owner.run_once(stats, json!({})).await?;
    assert_eq!(run["steps"][1]["input"], config, "{run:#}");
    assert_eq!(
        postmark.outside.requests_to("/deliverystats").len(),
        1,
        "{run:#}"
    );
    jackfield.finish().await
}
