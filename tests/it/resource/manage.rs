//! Adding, changing, verifying and deleting.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Postmark, Reply, on_both_engines};
use serde_json::{Value, json};

use super::{RESOURCE, add, senders};
use crate::viewer::client_of;

on_both_engines![
    a_sender_is_added_with_the_word_of_the_provider,
    what_cannot_be_added_is_told,
    a_changed_address_is_verified_again,
    only_what_can_be_used_is_listed_when_asked,
    nobody_but_an_administrator_manages_resources,
];

async fn a_sender_is_added_with_the_word_of_the_provider(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[("support@example.com", true), ("new@example.com", false)]);
    let mut added = Vec::new();
    for (value, label) in [
        ("support@example.com", json!("Support Team")),
        ("new@example.com", Value::Null),
        ("unknown@example.com", json!(" ")),
    ] {
        let input = json!({"connectedAppId": app, "resourceType": "sender_email", "value": value, "label": label});
        added.push(owner.succeed("createResource", input, RESOURCE).await?["resource"].take());
    }
    postmark
        .outside
        .answer("/senders", [Reply::json(503, &json!({}))]);
    let input = json!({"connectedAppId": app, "resourceType": "sender_email", "value": "later@example.com"});
    added.push(owner.succeed("createResource", input, RESOURCE).await?["resource"].take());
    allow_duplicates! {
        assert_json_snapshot!(added, @r#"
    [
      {
        "resourceType": "sender_email",
        "value": "support@example.com",
        "label": "Support Team",
        "isDefault": true,
        "verificationStatus": "VERIFIED",
        "verificationMessage": null
      },
      {
        "resourceType": "sender_email",
        "value": "new@example.com",
        "label": null,
        "isDefault": false,
        "verificationStatus": "PENDING",
        "verificationMessage": null
      },
      {
        "resourceType": "sender_email",
        "value": "unknown@example.com",
        "label": null,
        "isDefault": false,
        "verificationStatus": "UNVERIFIED",
        "verificationMessage": "Postmark does not know it: add it there first."
      },
      {
        "resourceType": "sender_email",
        "value": "later@example.com",
        "label": null,
        "isDefault": false,
        "verificationStatus": "PENDING",
        "verificationMessage": "The provider could not be asked: api.postmarkapp.com answered 503."
      }
    ]
    "#);
    }
    let asked = &postmark.outside.requests_to("/senders")[0];
    assert_eq!(
        asked.header("x-postmark-account-token"),
        "account-token-5678"
    );
    jackfield.finish().await
}

async fn what_cannot_be_added_is_told(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    add(&owner, &app, "hello@example.com").await?;
    let good =
        json!({"connectedAppId": app, "resourceType": "sender_email", "value": "a@example.com"});
    let mut told = Vec::new();
    for (member, value) in [
        ("connectedAppId", json!("app_01HF7YAT00000000000000001A")),
        ("resourceType", json!("phone_number")),
        ("value", json!("not an address")),
        ("value", json!("hello@example.com")),
        ("label", json!("x".repeat(201))),
    ] {
        let mut input = good.clone();
        input[member] = value;
        let refused = owner
            .mutate("createResource", input, "resource { id }")
            .await?;
        assert!(refused["resource"].is_null());
        let error = refused["userErrors"][0].clone();
        let message = error["message"].as_str().unwrap_or_default();
        told.push(format!(
            "{} {}: {}",
            error["code"],
            error["field"],
            redacted(message)
        ));
    }
    for number in 1..50 {
        add(&owner, &app, &format!("sender{number}@example.com")).await?;
    }
    let full = owner
        .mutate("createResource", good, "resource { id }")
        .await?;
    told.push(full["userErrors"][0]["message"].to_string());
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
    [
      "\"NOT_FOUND\" [\"input\",\"connectedAppId\"]: there is no such connected app in this workspace",
      "\"INVALID\" [\"input\",\"resourceType\"]: the resource types of Postmark are: sender_email",
      "\"INVALID\" [\"input\",\"value\"]: must be an e-mail address such as hello@example.com",
      "\"TAKEN\" [\"input\",\"value\"]: the app has it already, as [id]",
      "\"TOO_LARGE\" [\"input\",\"label\"]: a label has at most 200 characters",
      "\"a connected app of Postmark holds at most 50 of the type Sender email: delete one that is not needed\""
    ]
    "#);
    }
    jackfield.finish().await
}

/// Without ids, which differ from run to run.
fn redacted(message: &str) -> String {
    match message.find("res_") {
        Some(at) => format!("{}[id]", &message[..at]),
        None => message.to_owned(),
    }
}

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn a_changed_address_is_verified_again(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[("hello@example.com", true)]);
    let sender = add(&owner, &app, "hello@example.com").await?;
    let mut seen = Vec::new();
    for change in [
        json!({"label": "Hello"}),
        json!({"value": "hallo@example.com"}),
        json!({"label": ""}),
    ] {
        let mut input = change;
        input["resourceId"] = sender["id"].clone();
        seen.push(owner.succeed("updateResource", input, RESOURCE).await?["resource"].take());
    }
    let id = json!({"resourceId": sender["id"]});
    postmark.senders(&[("hallo@example.com", true)]);
    seen.push(
        owner
            .succeed("verifyResource", id.clone(), RESOURCE)
            .await?["resource"]
            .take(),
    );
    allow_duplicates! {
        assert_json_snapshot!(seen, @r#"
    [
      {
        "resourceType": "sender_email",
        "value": "hello@example.com",
        "label": "Hello",
        "isDefault": true,
        "verificationStatus": "VERIFIED",
        "verificationMessage": null
      },
      {
        "resourceType": "sender_email",
        "value": "hallo@example.com",
        "label": "Hello",
        "isDefault": true,
        "verificationStatus": "UNVERIFIED",
        "verificationMessage": "Postmark does not know it: add it there first."
      },
      {
        "resourceType": "sender_email",
        "value": "hallo@example.com",
        "label": null,
        "isDefault": true,
        "verificationStatus": "UNVERIFIED",
        "verificationMessage": "Postmark does not know it: add it there first."
      },
      {
        "resourceType": "sender_email",
        "value": "hallo@example.com",
        "label": null,
        "isDefault": true,
        "verificationStatus": "VERIFIED",
        "verificationMessage": null
      }
    ]
    "#);
    }
    let error = json!({"ErrorCode": 10, "Message": "No Account or Server API tokens were supplied in the HTTP headers."});
    postmark
        .outside
        .answer("/senders", [Reply::json(401, &error)]);
    let unanswered = owner.mutate("verifyResource", id.clone(), RESOURCE).await?;
    allow_duplicates! {
        assert_json_snapshot!(unanswered, @r#"
    {
      "resource": null,
      "userErrors": [
        {
          "field": [
            "input",
            "resourceId"
          ],
          "code": "PROVIDER_UNREACHABLE",
          "message": "Postmark could not be asked about `hallo@example.com`: the account token was refused, or is missing: api.postmarkapp.com answered 401: No Account or Server API tokens were supplied in the HTTP headers."
        }
      ]
    }
    "#);
    }
    assert_eq!(
        senders(&owner, &app).await?,
        ["hallo@example.com*"],
        "it stays as it was"
    );

    let deleted = owner
        .succeed("deleteResource", id.clone(), RESOURCE)
        .await?;
    assert_eq!(deleted["resource"]["value"], "hallo@example.com");
    for mutation in [
        "verifyResource",
        "deleteResource",
        "setDefaultResource",
        "updateResource",
    ] {
        let gone = owner.mutate(mutation, id.clone(), RESOURCE).await?;
        assert_eq!(gone["userErrors"][0]["code"], "NOT_FOUND", "{mutation}");
    }
    let again = add(&owner, &app, "hallo@example.com").await?;
    assert_ne!(again["id"], sender["id"]);
    jackfield.finish().await
}

async fn only_what_can_be_used_is_listed_when_asked(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let (app, other) = (
        postmark.connect(&owner, "Mail").await?,
        postmark.connect(&owner, "Other").await?,
    );
    postmark.senders(&[("a@example.com", true), ("b@example.com", true)]);
    for (app, address) in [
        (&app, "a@example.com"),
        (&app, "c@example.com"),
        (&other, "b@example.com"),
    ] {
        add(&owner, app, address).await?;
    }
    let document = "query($filter: ResourceFilter) { resources(filter: $filter) { totalCount nodes { value } } }";
    let mut seen = Vec::new();
    let inactive = json!({"connectedAppId": other, "active": false});
    for filter in [
        Value::Null,
        json!({"usableOnly": true}),
        json!({"connectedAppId": app, "resourceType": "sender_email"}),
        json!({"provider": "http"}),
        json!({"usableOnly": true, "provider": "postmark", "resourceType": "sender_email"}),
    ] {
        if filter["provider"] == "http" {
            owner
                .succeed(
                    "setConnectedAppActive",
                    inactive.clone(),
                    "connectedApp { id }",
                )
                .await?;
        }
        let data = owner.data_with(document, json!({"filter": filter})).await?;
        let nodes = data["resources"]["nodes"].as_array().into_iter().flatten();
        let values: Vec<_> = nodes.map(|node| node["value"].clone()).collect();
        assert_eq!(data["resources"]["totalCount"], values.len());
        seen.push(values);
    }
    assert_eq!(
        json!(seen),
        json!([
            ["b@example.com", "c@example.com", "a@example.com"],
            ["b@example.com", "a@example.com"],
            ["c@example.com", "a@example.com"],
            [],
            ["a@example.com"],
        ])
    );
    jackfield.finish().await
}

async fn nobody_but_an_administrator_manages_resources(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    let sender = add(&owner, &app, "hello@example.com").await?;
    let (of_app, of_sender) = (
        json!({"connectedAppId": app}),
        json!({"resourceId": sender["id"]}),
    );
    let mut new = of_app.clone();
    new["resourceType"] = "sender_email".into();
    let import = new.clone();
    new["value"] = "a@example.com".into();
    for role in ["VIEWER", "EDITOR"] {
        let client = client_of(&jackfield, role).await?;
        for (mutation, input, selection) in [
            ("createResource", &new, "resource { id }"),
            ("updateResource", &of_sender, "resource { id }"),
            ("setDefaultResource", &of_sender, "resource { id }"),
            ("verifyResource", &of_sender, "resource { id }"),
            ("deleteResource", &of_sender, "resource { id }"),
            ("importResources", &import, "resources { id }"),
            ("checkConnectedApp", &of_app, "connectedApp { id }"),
            ("setDefaultConnectedApp", &of_app, "connectedApp { id }"),
            ("disconnectApp", &of_app, "connectedApp { id }"),
        ] {
            let answer = client
                .try_mutate(mutation, input.clone(), selection)
                .await?;
            let code = &answer.body["errors"][0]["extensions"]["code"];
            assert_eq!(code, "FORBIDDEN", "{role} {mutation}: {answer:?}");
        }
        assert_eq!(senders(&client, &app).await?, ["(hello@example.com)"]);
    }
    jackfield.finish().await
}
