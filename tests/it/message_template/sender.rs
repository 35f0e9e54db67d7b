//! What a template is sent from follows the resources at once.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot, with_settings};
use jackfield_tests::{Client, Engine, Jackfield, Postmark, on_both_engines};
use serde_json::{Value, json};

use super::{delete_sender, receipt, senders};

on_both_engines![
    a_template_without_a_sender_has_the_default,
    a_sender_that_cannot_be_used_is_replaced_by_the_default,
];

const SENDER: &str = "query($id: ID!) { messageTemplate(id: $id) {
    chosenSenderId sender { value } senderFellBack senderWarning
} }";

async fn sender(owner: &Client, template: &Value) -> Result<Value> {
    let data = owner.data_with(SENDER, json!({"id": template})).await?;
    Ok(data["messageTemplate"].clone())
}

async fn a_template_without_a_sender_has_the_default(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let template = receipt(&owner, None).await?;
    assert_eq!(sender(&owner, &template).await?["sender"], Value::Null);
    let (app, ids) = senders(&owner, &postmark, &["a@example.com", "b@example.com"]).await?;
    let default = async || -> Result<Value> {
        Ok(sender(&owner, &template).await?["sender"]["value"].clone())
    };
    assert_eq!(default().await?, "a@example.com");
    owner
        .succeed(
            "setDefaultResource",
            json!({"resourceId": ids[1]}),
            "resource { id }",
        )
        .await?;
    assert_eq!(default().await?, "b@example.com");
    let off = json!({"connectedAppId": app, "active": false});
    owner
        .succeed("setConnectedAppActive", off, "connectedApp { id }")
        .await?;
    assert_eq!(default().await?, Value::Null);
    jackfield.finish().await
}

async fn a_sender_that_cannot_be_used_is_replaced_by_the_default(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (_, ids) = senders(&owner, &postmark, &["a@example.com", "b@example.com"]).await?;
    let template = receipt(&owner, Some(&ids[1])).await?;
    let mut seen = vec![sender(&owner, &template).await?];
    let document = "query($id: ID!) { resource(id: $id) { messageTemplates { name } } }";
    let used = owner.data_with(document, json!({"id": ids[1]})).await?;
    assert_eq!(
        used["resource"]["messageTemplates"],
        json!([{"name": "Receipt"}])
    );

    postmark.senders(&[("a@example.com", true), ("b@example.com", false)]);
    let verify = json!({"resourceId": ids[1]});
    owner
        .succeed("verifyResource", verify, "resource { id }")
        .await?;
    seen.push(sender(&owner, &template).await?);
    delete_sender(&owner, &ids[1]).await?;
    seen.push(sender(&owner, &template).await?);
    delete_sender(&owner, &ids[0]).await?;
    seen.push(sender(&owner, &template).await?);
    for answer in &mut seen {
        assert_eq!(answer["chosenSenderId"].take(), ids[1]);
    }
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(seen, @r#"
        [
          {
            "chosenSenderId": null,
            "sender": {
              "value": "b@example.com"
            },
            "senderFellBack": false,
            "senderWarning": null
          },
          {
            "chosenSenderId": null,
            "sender": {
              "value": "a@example.com"
            },
            "senderFellBack": true,
            "senderWarning": "`b@example.com` is not verified: the default, `a@example.com`, is used in its place"
          },
          {
            "chosenSenderId": null,
            "sender": {
              "value": "a@example.com"
            },
            "senderFellBack": true,
            "senderWarning": "`b@example.com` was deleted: the default, `a@example.com`, is used in its place"
          },
          {
            "chosenSenderId": null,
            "sender": null,
            "senderFellBack": true,
            "senderWarning": "`b@example.com` was deleted: there is no verified default to take its place"
          }
        ]
        "#);
    }});
    let default = json!({"messageTemplateId": template, "senderId": null});
    let changed = owner
        .succeed(
            "updateMessageTemplate",
            default,
            "messageTemplate { chosenSenderId senderFellBack }",
        )
        .await?;
    assert_eq!(
        changed["messageTemplate"],
        json!({"chosenSenderId": null, "senderFellBack": false})
    );
    jackfield.finish().await
}
