//! What uses an app is known before it is disconnected.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot, with_settings};
use jackfield_tests::{Engine, Jackfield, Postmark, node, on_both_engines, start_then};
use serde_json::{Value, json};

on_both_engines![an_app_in_use_is_disconnected_with_consent_only];

fn mail(app: Option<&Value>) -> Value {
    let config = json!({"operation": "send_email", "to": "ada@example.com", "subject": "Hi", "textBody": "Hi"});
    let mut mail = node("mail", "postmark", config);
    if let Some(app) = app {
        mail["connectedAppId"] = app.clone();
    }
    start_then(mail)
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn an_app_in_use_is_disconnected_with_consent_only(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    let other = postmark.connect(&owner, "Other").await?;
    let sender = json!({"connectedAppId": app, "resourceType": "sender_email", "value": "hello@example.com"});
    owner
        .succeed("createResource", sender, "resource { id }")
        .await?;
    let named = owner.publish("By name", mail(Some(&app))).await?;
    owner.publish("By default", mail(None)).await?;
    owner.publish("Another app", mail(Some(&other))).await?;
    // A draft that uses it no more, while the published version still does.
    let draft = json!({"workflowId": named.id, "definition": mail(Some(&other))});
    owner
        .succeed("saveWorkflow", draft, "workflow { id }")
        .await?;

    let document = "{ connectedApps { nodes { name
        resources { value }
        usedBy { workflow { name } version { number } isPublished nodeKeys }
    } } }";
    let data = owner.data(document).await?;
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(data["connectedApps"]["nodes"], @r#"
        [
          {
            "name": "Other",
            "resources": [],
            "usedBy": [
              {
                "isPublished": true,
                "nodeKeys": [
                  "mail"
                ],
                "version": {
                  "number": 1
                },
                "workflow": {
                  "name": "Another app"
                }
              },
              {
                "isPublished": false,
                "nodeKeys": [
                  "mail"
                ],
                "version": {
                  "number": 2
                },
                "workflow": {
                  "name": "By name"
                }
              }
            ]
          },
          {
            "name": "Mail",
            "resources": [
              {
                "value": "hello@example.com"
              }
            ],
            "usedBy": [
              {
                "isPublished": true,
                "nodeKeys": [
                  "mail"
                ],
                "version": {
                  "number": 1
                },
                "workflow": {
                  "name": "By name"
                }
              },
              {
                "isPublished": true,
                "nodeKeys": [
                  "mail"
                ],
                "version": {
                  "number": 1
                },
                "workflow": {
                  "name": "By default"
                }
              }
            ]
          }
        ]
        "#);
    }});
    let input = json!({"connectedAppId": app});
    let refused = owner
        .mutate("disconnectApp", input, "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
    {
      "connectedApp": null,
      "userErrors": [
        {
          "field": [
            "input",
            "force"
          ],
          "code": "IN_USE",
          "message": "`Mail` has users: the workflows `By default`, `By name` and the resource `hello@example.com`; steps that use it would fail, and its resources would be deleted. See its `usedBy` and `resources`, and disconnect it with `force: true`"
        }
      ]
    }
    "#);
    }
    let input = json!({"connectedAppId": app, "force": true});
    owner
        .succeed("disconnectApp", input, "connectedApp { name }")
        .await?;
    let data = owner
        .data("{ resources { totalCount } connectedApps { nodes { name isDefault } } }")
        .await?;
    assert_eq!(
        data["resources"]["totalCount"], 0,
        "its resources go with it"
    );
    assert_eq!(
        data["connectedApps"]["nodes"],
        json!([{"name": "Other", "isDefault": true}])
    );
    jackfield.finish().await
}
