//! Taking over what the account has.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Postmark, Reply, on_both_engines};
use serde_json::json;

use super::{add, senders};

on_both_engines![what_the_account_has_is_taken_over];

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn what_the_account_has_is_taken_over(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    add(&owner, &app, "b@example.com").await?;
    assert_eq!(senders(&owner, &app).await?, ["(b@example.com)"]);
    postmark.senders(&[
        ("a@example.com", false),
        ("b@example.com", true),
        ("c@example.com", true),
    ]);
    let input = json!({"connectedAppId": app, "resourceType": "sender_email"});
    let fields = "leftOut resources { value label isDefault verificationStatus }";
    let imported = owner
        .succeed("importResources", input.clone(), fields)
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(imported, @r#"
    {
      "leftOut": 0,
      "resources": [
        {
          "value": "a@example.com",
          "label": "Example",
          "isDefault": false,
          "verificationStatus": "PENDING"
        },
        {
          "value": "c@example.com",
          "label": "Example",
          "isDefault": false,
          "verificationStatus": "VERIFIED"
        }
      ],
      "userErrors": []
    }
    "#);
    }
    assert_eq!(
        senders(&owner, &app).await?,
        ["b@example.com*", "(a@example.com)", "c@example.com"]
    );
    let again = owner
        .succeed("importResources", input.clone(), fields)
        .await?;
    assert_eq!(again["resources"], json!([]));

    let many: Vec<String> = (0..60)
        .map(|number| format!("s{number}@example.com"))
        .collect();
    let many: Vec<(&str, bool)> = many
        .iter()
        .map(|address| (address.as_str(), true))
        .collect();
    postmark.senders(&many);
    let full = owner
        .succeed("importResources", input.clone(), "leftOut")
        .await?;
    assert_eq!(full["leftOut"], 13);
    assert_eq!(senders(&owner, &app).await?.len(), 50);

    postmark
        .outside
        .answer("/senders", [Reply::json(503, &json!({}))]);
    let unanswered = owner.mutate("importResources", input, "leftOut").await?;
    allow_duplicates! {
        assert_json_snapshot!(unanswered, @r#"
    {
      "leftOut": 0,
      "userErrors": [
        {
          "field": [
            "input",
            "connectedAppId"
          ],
          "code": "PROVIDER_UNREACHABLE",
          "message": "Postmark could not be asked what the account has: api.postmarkapp.com answered 503."
        }
      ]
    }
    "#);
    }
    jackfield.finish().await
}
