//! What a message looks like before it is sent.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, Postmark, on_both_engines};
use serde_json::{Value, json};

use super::{delete_sender, receipt, senders, sends};

on_both_engines![
    a_saved_template_is_previewed_on_data_and_on_a_run,
    a_message_is_previewed_before_it_is_saved,
    what_cannot_be_shown_says_why,
];

async fn preview(owner: &Client, input: Value) -> Result<Value> {
    let document =
        "query($input: PreviewMessageTemplateInput!) { previewMessageTemplate(input: $input) {
        subject htmlBody textBody sender { value } warnings userErrors { field code message }
    } }";
    let data = owner.data_with(document, json!({"input": input})).await?;
    Ok(data["previewMessageTemplate"].clone())
}

async fn a_saved_template_is_previewed_on_data_and_on_a_run(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, ids) = senders(&owner, &postmark, &["a@example.com", "b@example.com"]).await?;
    let template = receipt(&owner, Some(&ids[1])).await?;
    let scope = json!({"trigger": {"body": {"name": "<Ada> & Bob"}}});
    let on_data = preview(
        &owner,
        json!({"messageTemplateId": template, "scope": scope}),
    )
    .await?;
    delete_sender(&owner, &ids[1]).await?;
    let run = owner
        .run_once(sends(&app, &template, json!({})), json!({"name": "Cleo"}))
        .await?;
    let on_a_run = json!({"messageTemplateId": template, "runId": run["id"], "subject": "Again, {{ trigger.body.name }}"});
    let on_a_run = preview(&owner, on_a_run).await?;
    allow_duplicates! {
        assert_json_snapshot!([on_data, on_a_run], @r#"
        [
          {
            "subject": "Receipt for <Ada> & Bob",
            "htmlBody": "<p>Dear &lt;Ada&gt; &amp; Bob</p>",
            "textBody": "Dear <Ada> & Bob",
            "sender": {
              "value": "b@example.com"
            },
            "warnings": [],
            "userErrors": []
          },
          {
            "subject": "Again, Cleo",
            "htmlBody": "<p>Dear Cleo</p>",
            "textBody": "Dear Cleo",
            "sender": {
              "value": "a@example.com"
            },
            "warnings": [
              "`b@example.com` was deleted: the default, `a@example.com`, is used in its place"
            ],
            "userErrors": []
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_message_is_previewed_before_it_is_saved(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let variable =
        json!({"name": "link", "value": "<a href=\"https://example.com/?a=1&b=2\">here</a>"});
    owner
        .succeed("setVariable", variable, "variable { id }")
        .await?;
    let mail = json!({
        "channel": "EMAIL", "subject": "A\nB {{ vars.link }}",
        "htmlBody": "{{ vars.link }} or {{ vars.link | raw }}", "textBody": "{{ {\"total\": 12} }}",
    });
    let mail = preview(&owner, mail).await?;
    let text = json!({"channel": "SMS", "textBody": "{{ steps.sum.output }} to pay", "scope": {"steps": {"sum": {"output": 12.5}}}});
    let text = preview(&owner, text).await?;
    allow_duplicates! {
        assert_json_snapshot!([mail, text], @r#"
        [
          {
            "subject": "A B <a href=\"https://example.com/?a=1&b=2\">here</a>",
            "htmlBody": "&lt;a href=&quot;https://example.com/?a=1&amp;b=2&quot;&gt;here&lt;/a&gt; or <a href=\"https://example.com/?a=1&b=2\">here</a>",
            "textBody": "{\"total\":12}",
            "sender": null,
            "warnings": [],
            "userErrors": []
          },
          {
            "subject": null,
            "htmlBody": null,
            "textBody": "12.5 to pay",
            "sender": null,
            "warnings": [],
            "userErrors": []
          }
        ]
        "#);
    }
    let stored = owner.data("{ messageTemplates { totalCount } }").await?;
    assert_eq!(stored["messageTemplates"]["totalCount"], 0);
    jackfield.finish().await
}

async fn what_cannot_be_shown_says_why(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let template = receipt(&owner, None).await?;
    let mut refused = Vec::new();
    for input in [
        json!({"messageTemplateId": template}),
        json!({"messageTemplateId": "tpl_01HF7YAT00000000000000001A"}),
        json!({"textBody": "Hi"}),
        json!({"channel": "SMS", "textBody": "Hi {{ name }}"}),
        json!({"channel": "SMS", "textBody": "Hi", "senderId": "res_01HF7YAT00000000000000001A"}),
    ] {
        refused.push(preview(&owner, input).await?["userErrors"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        [
          [
            {
              "field": [
                "input",
                "subject"
              ],
              "code": "INVALID_EXPRESSION",
              "message": "`trigger.body` is undefined; add `| default(…)` if it may be missing, at character 16"
            }
          ],
          [
            {
              "field": [
                "input",
                "messageTemplateId"
              ],
              "code": "NOT_FOUND",
              "message": "There is no such message template in this workspace."
            }
          ],
          [
            {
              "field": [
                "input",
                "channel"
              ],
              "code": "REQUIRED",
              "message": "say which channel the message is of, or which template it is"
            }
          ],
          [
            {
              "field": [
                "input",
                "textBody"
              ],
              "code": "INVALID_EXPRESSION",
              "message": "there is no `name` here; in scope are trigger, steps, run, vars, at character 7"
            }
          ],
          [
            {
              "field": [
                "input",
                "senderId"
              ],
              "code": "NOT_FOUND",
              "message": "there is no such resource in this workspace; see `resources` for those there are"
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}
