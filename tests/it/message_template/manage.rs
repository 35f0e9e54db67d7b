//! Making, changing, finding and deleting them.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot, with_settings};
use jackfield_tests::{Engine, Jackfield, Postmark, on_both_engines};
use serde_json::{Value, json};

use super::{TEMPLATE, receipt, senders, sends};

on_both_engines![
    a_template_is_made_changed_and_deleted,
    what_cannot_be_a_template_says_why,
    templates_are_found_by_channel_and_text,
    a_template_in_use_is_deleted_with_consent_only,
    a_workflow_names_templates_that_there_are,
    viewers_read_templates_and_no_more,
];

async fn a_template_is_made_changed_and_deleted(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({
        "name": " Receipt ", "channel": "EMAIL", "subject": "Receipt {{ trigger.body.number }}", "htmlBody": "<p>Thanks</p>",
        "description": "For what was paid.",
    });
    let made = owner
        .succeed("createMessageTemplate", input, TEMPLATE)
        .await?;
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(made["messageTemplate"], @r#"
        {
          "channel": "EMAIL",
          "chosenSenderId": null,
          "description": "For what was paid.",
          "htmlBody": "<p>Thanks</p>",
          "name": "Receipt",
          "sender": null,
          "senderFellBack": false,
          "senderWarning": null,
          "subject": "Receipt {{ trigger.body.number }}",
          "textBody": null
        }
        "#);
    }});
    let listed = owner
        .data("{ messageTemplates { totalCount nodes { id createdAt updatedAt } } }")
        .await?;
    assert_eq!(listed["messageTemplates"]["totalCount"], 1);
    let id = &listed["messageTemplates"]["nodes"][0]["id"];
    let change = json!({
        "messageTemplateId": id, "name": "Invoice", "htmlBody": "", "textBody": "Thanks, {{ trigger.body.name }}",
    });
    let changed = owner
        .succeed("updateMessageTemplate", change, TEMPLATE)
        .await?;
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(changed["messageTemplate"], @r#"
        {
          "channel": "EMAIL",
          "chosenSenderId": null,
          "description": "For what was paid.",
          "htmlBody": null,
          "name": "Invoice",
          "sender": null,
          "senderFellBack": false,
          "senderWarning": null,
          "subject": "Receipt {{ trigger.body.number }}",
          "textBody": "Thanks, {{ trigger.body.name }}"
        }
        "#);
    }});
    let document = "query($id: ID!) { messageTemplate(id: $id) { name } node(id: $id) { ... on MessageTemplate { subject } } }";
    let found = owner.data_with(document, json!({"id": id})).await?;
    assert_eq!(
        found,
        json!({"messageTemplate": {"name": "Invoice"}, "node": {"subject": "Receipt {{ trigger.body.number }}"}})
    );
    let gone = json!({"messageTemplateId": id});
    let deleted = owner
        .succeed("deleteMessageTemplate", gone.clone(), TEMPLATE)
        .await?;
    assert_eq!(
        deleted["messageTemplate"]["textBody"],
        "Thanks, {{ trigger.body.name }}"
    );
    let found = owner.data_with(document, json!({"id": id})).await?;
    assert_eq!(found, json!({"messageTemplate": null, "node": null}));
    for mutation in ["deleteMessageTemplate", "updateMessageTemplate"] {
        let again = owner.mutate(mutation, gone.clone(), TEMPLATE).await?;
        assert_eq!(again["userErrors"][0]["code"], "NOT_FOUND", "{again}");
    }
    // The name is free again.
    receipt(&owner, None).await?;
    let named = json!({"name": "Invoice", "channel": "SMS", "textBody": "Thanks"});
    owner
        .succeed("createMessageTemplate", named, TEMPLATE)
        .await?;
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn what_cannot_be_a_template_says_why(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (_, senders) = senders(&owner, &postmark, &["a@example.com"]).await?;
    let template = receipt(&owner, None).await?;
    let text = json!({"channel": "SMS", "textBody": "Hi"});
    let with = |more: Value| {
        let mut input = text.clone();
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    let mut refused = Vec::new();
    for input in [
        with(json!({"name": "Receipt"})),
        with(json!({"name": " ", "subject": "Hi", "description": "d".repeat(2_001)})),
        with(json!({"name": "Hi", "senderId": senders[0]})),
        with(json!({"name": "Hi", "senderId": "res_01HF7YAT00000000000000001A"})),
        with(json!({"name": "Hi", "senderId": "hello@example.com"})),
        json!({"name": "n".repeat(201), "channel": "EMAIL"}),
        json!({"name": "Hi", "channel": "EMAIL", "subject": "{{ trigger.body. }}", "htmlBody": "<p>\n{{ customer.name }} {{ 1 | shout }}"}),
    ] {
        let answer = owner
            .mutate("createMessageTemplate", input, "messageTemplate { id }")
            .await?;
        refused.push(answer["userErrors"].clone());
    }
    for change in [
        json!({"textBody": "", "htmlBody": ""}),
        json!({"subject": "{{ nothing }}"}),
    ] {
        let mut input = change;
        input["messageTemplateId"] = template.clone();
        let answer = owner
            .mutate("updateMessageTemplate", input, "messageTemplate { id }")
            .await?;
        refused.push(answer["userErrors"].clone());
    }
    let refused = json!(refused).to_string();
    let refused = refused.replace(template.as_str().unwrap_or_default(), "[id]");
    let refused: Value = serde_json::from_str(&refused)?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        [
          [
            {
              "field": [
                "input",
                "name"
              ],
              "code": "TAKEN",
              "message": "the message template [id] has this name: choose another one"
            }
          ],
          [
            {
              "field": [
                "input",
                "name"
              ],
              "code": "REQUIRED",
              "message": "the name is missing"
            },
            {
              "field": [
                "input",
                "subject"
              ],
              "code": "INVALID",
              "message": "a text message has no `subject`: leave it out"
            },
            {
              "field": [
                "input",
                "description"
              ],
              "code": "TOO_LARGE",
              "message": "a description has at most 2000 characters"
            }
          ],
          [
            {
              "field": [
                "input",
                "senderId"
              ],
              "code": "INVALID",
              "message": "`a@example.com` is a sender_email of `postmark`, which text messages are not sent from; `providers` says of each resource type which channel it sends on"
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
          ],
          [
            {
              "field": [
                "input",
                "senderId"
              ],
              "code": "NOT_FOUND",
              "message": "There is no such resource in this workspace."
            }
          ],
          [
            {
              "field": [
                "input",
                "name"
              ],
              "code": "TOO_LARGE",
              "message": "the name is 201 characters long, but may have at most 200"
            },
            {
              "field": [
                "input",
                "subject"
              ],
              "code": "REQUIRED",
              "message": "a mail needs a subject"
            },
            {
              "field": [
                "input",
                "htmlBody"
              ],
              "code": "REQUIRED",
              "message": "a mail needs a `htmlBody`, a `textBody` or both"
            }
          ],
          [
            {
              "field": [
                "input",
                "subject"
              ],
              "code": "INVALID_EXPRESSION",
              "message": "the expression does not parse: unexpected end of input, expected identifier or integer, at character 16"
            },
            {
              "field": [
                "input",
                "htmlBody"
              ],
              "code": "INVALID_EXPRESSION",
              "message": "there is no `customer` here; in scope are trigger, steps, run, vars, at line 2, character 4"
            },
            {
              "field": [
                "input",
                "htmlBody"
              ],
              "code": "INVALID_EXPRESSION",
              "message": "there is no filter `shout`, at line 2, character 28"
            }
          ],
          [
            {
              "field": [
                "input",
                "htmlBody"
              ],
              "code": "REQUIRED",
              "message": "a mail needs a `htmlBody`, a `textBody` or both"
            }
          ],
          [
            {
              "field": [
                "input",
                "subject"
              ],
              "code": "INVALID_EXPRESSION",
              "message": "there is no `nothing` here; in scope are trigger, steps, run, vars, at character 4"
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn templates_are_found_by_channel_and_text(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    for (name, channel, description) in [
        ("Receipt", "EMAIL", "100 % of what was paid"),
        ("Übersicht", "EMAIL", "Once a week"),
        ("Reminder", "SMS", "The day before"),
    ] {
        let mut input =
            json!({"name": name, "channel": channel, "textBody": "Hi", "description": description});
        if channel == "EMAIL" {
            input["subject"] = "Hi".into();
        }
        owner
            .succeed("createMessageTemplate", input, "messageTemplate { id }")
            .await?;
    }
    let document = "query($filter: MessageTemplateFilter, $after: String) {
        messageTemplates(filter: $filter, first: 2, after: $after) { totalCount nodes { name } pageInfo { endCursor hasNextPage } }
    }";
    for (filter, names) in [
        (json!({"channel": "SMS"}), vec!["Reminder"]),
        (json!({"search": "re"}), vec!["Reminder", "Receipt"]),
        (json!({"search": "DAY"}), vec!["Reminder"]),
        (json!({"search": "Über"}), vec!["Übersicht"]),
        (json!({"search": "0 %"}), vec!["Receipt"]),
        (json!({"search": "_"}), vec![]),
        (
            json!({"search": "e", "channel": "EMAIL"}),
            vec!["Übersicht", "Receipt"],
        ),
    ] {
        let found = owner.data_with(document, json!({"filter": filter})).await?;
        let nodes: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        assert_eq!(found["messageTemplates"]["nodes"], json!(nodes), "{filter}");
        assert_eq!(found["messageTemplates"]["totalCount"], names.len());
    }
    let first = owner.data_with(document, json!({})).await?;
    let after = &first["messageTemplates"]["pageInfo"]["endCursor"];
    let rest = owner.data_with(document, json!({"after": after})).await?;
    assert_eq!(
        rest["messageTemplates"]["nodes"],
        json!([{"name": "Receipt"}])
    );
    assert_eq!(rest["messageTemplates"]["pageInfo"]["hasNextPage"], false);
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn a_template_in_use_is_deleted_with_consent_only(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, _) = senders(&owner, &postmark, &["a@example.com"]).await?;
    let template = receipt(&owner, None).await?;
    let workflow = owner
        .publish("Thank", sends(&app, &template, json!({})))
        .await?;
    let document = "query($id: ID!) { messageTemplate(id: $id) { usedBy { workflow { name } isPublished nodeKeys } } }";
    let used = owner.data_with(document, json!({"id": template})).await?;
    assert_eq!(
        used["messageTemplate"]["usedBy"],
        json!([{"workflow": {"name": "Thank"}, "isPublished": true, "nodeKeys": ["mail"]}])
    );
    let mut input = json!({"messageTemplateId": template});
    let refused = owner
        .mutate(
            "deleteMessageTemplate",
            input.clone(),
            "messageTemplate { id }",
        )
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        {
          "messageTemplate": null,
          "userErrors": [
            {
              "field": [
                "input",
                "force"
              ],
              "code": "IN_USE",
              "message": "`Receipt` is sent by the workflows `Thank`; their steps would fail. See its `usedBy`, and delete it with `force: true`"
            }
          ]
        }
        "#);
    }
    input["force"] = true.into();
    owner
        .succeed("deleteMessageTemplate", input, "messageTemplate { id }")
        .await?;
    let document =
        "query($id: ID!) { workflow(id: $id) { problems { field nodeKey code message remedy } } }";
    let data = owner
        .data_with(document, json!({"id": workflow.id}))
        .await?
        .to_string();
    let data = data.replace(template.as_str().unwrap_or_default(), "[id]");
    let data: Value = serde_json::from_str(&data)?;
    allow_duplicates! {
        assert_json_snapshot!(data["workflow"]["problems"], @r#"
        [
          {
            "field": [
              "definition",
              "nodes",
              "1",
              "config",
              "template"
            ],
            "nodeKey": "mail",
            "code": "NOT_FOUND",
            "message": "there is no message template [id]; see messageTemplates for those there are",
            "remedy": "give the node `mail` a message template that there is, and publish the workflow again"
          }
        ]
        "#);
    }
    let input = json!({"workflowId": workflow.id});
    let refused = owner
        .mutate("publishWorkflow", input, "workflow { id }")
        .await?;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");
    let run = owner.run_to_end(&workflow, json!({"name": "Ada"})).await?;
    let error = run["error"].to_string();
    let error = error.replace(template.as_str().unwrap_or_default(), "[id]");
    let error: Value = serde_json::from_str(&error)?;
    allow_duplicates! {
        assert_json_snapshot!(error, @r#"
        {
          "code": "MESSAGE_TEMPLATE_NOT_FOUND",
          "message": "`template` is the message template `[id]`, and there is none: choose another one in the node",
          "nodeKey": "mail"
        }
        "#);
    }
    assert!(postmark.outside.requests_to("/email").is_empty());
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn a_workflow_names_templates_that_there_are(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, _) = senders(&owner, &postmark, &["a@example.com"]).await?;
    let sms = json!({"name": "Reminder", "channel": "SMS", "textBody": "Hi"});
    let sms = owner
        .succeed("createMessageTemplate", sms, "messageTemplate { id }")
        .await?["messageTemplate"]["id"]
        .clone();
    let mut refused = Vec::new();
    for template in [
        json!("tpl_01HF7YAT00000000000000001A"),
        json!("Receipt"),
        json!(7),
        sms,
        Value::Null,
    ] {
        let definition = sends(&app, &template, json!({}));
        let input = json!({"name": "Thank", "definition": definition});
        let answer = owner
            .mutate("createWorkflow", input, "workflow { id }")
            .await?;
        refused.push(answer["userErrors"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        [
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "1",
                "config",
                "template"
              ],
              "code": "NOT_FOUND",
              "message": "there is no message template tpl_01HF7YAT00000000000000001A; see messageTemplates for those there are"
            }
          ],
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "1",
                "config",
                "template"
              ],
              "code": "INVALID_CONFIG",
              "message": "has to be the id of a message template: `Receipt` is not a valid id: it must start with `tpl_` followed by 26 characters"
            }
          ],
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "1",
                "config",
                "template"
              ],
              "code": "INVALID_CONFIG",
              "message": "has to be the id of a message template: `7` is not a valid id: it must start with `tpl_` followed by 26 characters"
            }
          ],
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "1",
                "config",
                "template"
              ],
              "code": "INVALID",
              "message": "`Reminder` is of the channel SMS, but the node sends messages of EMAIL"
            }
          ],
          [
            {
              "field": [
                "input",
                "definition",
                "nodes",
                "1",
                "config",
                "subject"
              ],
              "code": "INVALID_CONFIG",
              "message": "`subject` is missing"
            }
          ]
        ]
        "#);
    }
    // What an expression comes to is only known when it does.
    let definition = sends(&app, &json!("{{ trigger.body.template }}"), json!({}));
    owner.publish("Thank", definition).await?;
    jackfield.finish().await
}

async fn viewers_read_templates_and_no_more(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let template = receipt(&owner, None).await?;
    let input = json!({"name": "Reader", "role": "VIEWER"});
    let key = owner.succeed("createApiKey", input, "secret").await?;
    let viewer = jackfield
        .anonymous()
        .with_token(key["secret"].as_str().unwrap_or_default());
    let read = viewer
        .data("{ messageTemplates { nodes { name } } }")
        .await?;
    assert_eq!(
        read["messageTemplates"]["nodes"],
        json!([{"name": "Receipt"}])
    );
    let id = json!({"messageTemplateId": template});
    let new = json!({"name": "Hi", "channel": "SMS", "textBody": "Hi"});
    for (mutation, input) in [
        ("createMessageTemplate", new),
        ("updateMessageTemplate", id.clone()),
        ("deleteMessageTemplate", id),
    ] {
        let answer = viewer
            .try_mutate(mutation, input, "messageTemplate { id }")
            .await?;
        let code = &answer.body["errors"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN", "{}", answer.body);
    }
    jackfield.finish().await
}
