//! What providers say of themselves, and what is connected to them.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Postmark, on_both_engines};

on_both_engines![a_provider_shows_all_that_a_drawer_needs];

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn a_provider_shows_all_that_a_drawer_needs(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    postmark.connect(&owner, "Mail").await?;
    let document = "{ node(id: \"provider_postmark\") { ... on Provider {
        name title description hosts credentialTest icon
        schemes { name title schema }
        resourceTypes { type name description max format pattern list verify }
        webhook { setup eventTypes { name } }
        connectedApps { name status isDefault }
    } } }";
    let mut data = owner.data(document).await?;
    let icon = data["node"]["icon"].take();
    assert!(
        icon.as_str().is_some_and(|icon| icon.starts_with("<svg")),
        "{icon}"
    );
    allow_duplicates! {
        assert_json_snapshot!(data["node"], @r#"
    {
      "name": "postmark",
      "title": "Postmark",
      "description": "E-mail delivery for applications.",
      "hosts": [
        "api.postmarkapp.com"
      ],
      "credentialTest": true,
      "icon": null,
      "schemes": [
        {
          "name": "tokens",
          "title": "API tokens",
          "schema": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
              "serverToken": {
                "type": "string",
                "title": "Server API token",
                "description": "Of the server that mail is sent through: its page, API Tokens.",
                "minLength": 1,
                "writeOnly": true,
                "x-jackfield": {
                  "placeholder": "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
                }
              },
              "accountToken": {
                "type": [
                  "string",
                  "null"
                ],
                "title": "Account API token",
                "description": "Of the account: its page, API Tokens. Needed to list and verify sender addresses, and for nothing else.",
                "default": null,
                "writeOnly": true
              }
            },
            "required": [
              "serverToken"
            ],
            "description": "Postmark's API tokens.",
            "title": "Tokens",
            "$schema": "https://json-schema.org/draft/2020-12/schema"
          }
        }
      ],
      "resourceTypes": [
        {
          "type": "sender_email",
          "name": "Sender email",
          "description": "An address that mail is sent from.",
          "max": 50,
          "format": "email",
          "pattern": null,
          "list": true,
          "verify": true
        }
      ],
      "webhook": null,
      "connectedApps": [
        {
          "name": "Mail",
          "status": "CONNECTED",
          "isDefault": true
        }
      ]
    }
    "#);
    }
    jackfield.finish().await
}
