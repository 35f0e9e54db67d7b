//! Hooks of connected apps.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot, with_settings};
use jackfield_tests::stripe::PAYMENT_SUCCEEDED as EVENT;
use jackfield_tests::{Client, Engine, InboundHook, Jackfield, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    several_workflows_listen_to_one_app,
    an_app_that_is_switched_off_takes_nothing,
    a_hook_without_a_secret_believes_nobody,
    what_cannot_be_set_is_named,
];

const SECRET: &str = "whsec_c3RyaXBlLXNpZ25zLXdpdGgtdGhpcw";

/// An app of the generic provider.
async fn connect(owner: &Client, name: &str) -> Result<String> {
    let credentials = json!({"scheme": "bearer", "token": "tok_of_the_payments"});
    let input = json!({"provider": "http", "name": name, "credentials": credentials});
    let connected = owner
        .succeed(
            "connectApp",
            input,
            "connectedApp { id inboundHook { id } }",
        )
        .await?;
    // Nobody knows how just any API signs.
    assert_eq!(connected["connectedApp"]["inboundHook"], Value::Null);
    let id = &connected["connectedApp"]["id"];
    Ok(id.as_str().context("an app has an id")?.to_owned())
}

/// The hook of an app whose provider signs as Stripe does.
async fn hook(owner: &Client, app: &str) -> Result<InboundHook> {
    let input = json!({"connectedAppId": app, "scheme": "stripe"});
    let made = owner
        .succeed("createInboundHook", input, "inboundHook { id url }")
        .await?;
    let hook = &made["inboundHook"];
    let input = json!({"inboundHookId": hook["id"], "secret": SECRET});
    owner
        .succeed("updateInboundHook", input, "inboundHook { id }")
        .await?;
    let text = |member: &str| hook[member].as_str().unwrap_or_default().to_owned();
    Ok(InboundHook {
        id: text("id"),
        url: text("url"),
        node_key: String::new(),
    })
}

fn listening(trigger: Value) -> Value {
    let mut got = node("got", "event", trigger["config"].clone());
    if let Some(app) = trigger.get("app") {
        got["connectedAppId"] = app.clone();
    }
    let note = node(
        "note",
        "debug",
        json!({"message": "{{ trigger.event.type }}"}),
    );
    graph([got, note], &["got -> note"])
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn several_workflows_listen_to_one_app(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let (app, other) = (
        connect(&owner, "Payments").await?,
        connect(&owner, "Other").await?,
    );
    let hook = hook(&owner, &app).await?;
    let any = json!({"types": ["http.*"]});
    let of_app = json!({"config": any, "app": app});
    let of_source =
        json!({"config": {"types": ["http.payment_intent.succeeded"], "source": "http"}});
    let of_other = json!({"config": any, "app": other});
    let of_api = json!({"config": {"types": ["http.*"], "source": "api"}});
    let mut workflows = Vec::new();
    for trigger in [of_app, of_source, of_other, of_api] {
        workflows.push(owner.publish("Listen", listening(trigger)).await?);
    }

    let answer = hook.post_stripe(SECRET, EVENT).await?;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(hook.post_stripe("whsec_guess", EVENT).await?.status, 401);

    owner.ended_runs_of(&workflows[0], 1).await?;
    owner.ended_runs_of(&workflows[1], 1).await?;
    assert_eq!(owner.runs_of(&workflows[2]).await?, Vec::<Value>::new());
    assert_eq!(owner.runs_of(&workflows[3]).await?, Vec::<Value>::new());
    let document = "query($id: ID!) { connectedApp(id: $id) { inboundHook {
        nodeKey active config hasSecret previousUrlUntil workflow { id } connectedApp { name }
        requests { totalCount nodes { verdict status reason detail bytes event { type source replayOf { id } inboundHook { connectedApp { name } } } } }
    } } }";
    let shown = owner.data_with(document, json!({"id": app})).await?;
    // Fields come in the order in which they were found out.
    with_settings!({sort_maps => true}, { allow_duplicates! {
        assert_json_snapshot!(shown["connectedApp"]["inboundHook"], @r#"
        {
          "active": true,
          "config": {
            "respond": "immediately",
            "scheme": "stripe"
          },
          "connectedApp": {
            "name": "Payments"
          },
          "hasSecret": true,
          "nodeKey": null,
          "previousUrlUntil": null,
          "requests": {
            "nodes": [
              {
                "bytes": 690,
                "detail": "no signature fits the body and the secret",
                "event": null,
                "reason": "WRONG_SIGNATURE",
                "status": 401,
                "verdict": "REJECTED"
              },
              {
                "bytes": 690,
                "detail": null,
                "event": {
                  "inboundHook": {
                    "connectedApp": {
                      "name": "Payments"
                    }
                  },
                  "replayOf": null,
                  "source": "http",
                  "type": "http.payment_intent.succeeded"
                },
                "reason": null,
                "status": 200,
                "verdict": "ACCEPTED"
              }
            ],
            "totalCount": 2
          },
          "workflow": null
        }
        "#);
    }});
    // What was made is found again, not made twice.
    let input = json!({"connectedAppId": app});
    let again = owner
        .succeed("createInboundHook", input, "inboundHook { id }")
        .await?;
    assert_eq!(again["inboundHook"]["id"], hook.id);
    jackfield.finish().await
}

async fn an_app_that_is_switched_off_takes_nothing(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, "Payments").await?;
    let hook = hook(&owner, &app).await?;
    let set_app = async |active: bool| {
        let input = json!({"connectedAppId": app, "active": active});
        let fields = "connectedApp { inboundHook { active } }";
        owner.succeed("setConnectedAppActive", input, fields).await
    };
    let set_hook = async |active: bool| {
        let input = json!({"inboundHookId": hook.id, "active": active});
        owner
            .succeed("updateInboundHook", input, "inboundHook { active }")
            .await
    };

    let off = set_app(false).await?;
    assert_eq!(off["connectedApp"]["inboundHook"]["active"], false);
    let of_app = hook.post_stripe(SECRET, EVENT).await?;
    set_app(true).await?;
    set_hook(false).await?;
    let of_hook = hook.post_stripe(SECRET, EVENT).await?;
    set_hook(true).await?;
    let events = owner
        .data("{ events(filter: {types: [\"http.payment_intent.succeeded\"]}) { totalCount } }")
        .await?;
    let taken = hook.post_stripe(SECRET, EVENT).await?;
    owner
        .succeed(
            "disconnectApp",
            json!({"connectedAppId": app}),
            "connectedApp { id }",
        )
        .await?;
    let gone = hook.post_stripe(SECRET, EVENT).await?;

    assert_eq!(events["events"]["totalCount"], 0);
    assert_eq!(taken.status, 200, "{}", taken.text);
    allow_duplicates! {
        assert_json_snapshot!([of_app.json(), of_hook.json(), gone.json()], @r#"
        [
          {
            "error": {
              "code": "GONE",
              "message": "this webhook is not active: switch on its connected app to receive again"
            }
          },
          {
            "error": {
              "code": "GONE",
              "message": "this webhook is not active: switch it on to receive again"
            }
          },
          {
            "error": {
              "code": "NOT_FOUND",
              "message": "there is no webhook at this address"
            }
          }
        ]
        "#);
    }
    assert_eq!(
        [of_app.status, of_hook.status, gone.status],
        [410, 410, 404]
    );
    jackfield.finish().await
}

async fn a_hook_without_a_secret_believes_nobody(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, "Payments").await?;
    let input = json!({"connectedAppId": app, "scheme": "github"});
    let made = owner
        .succeed("createInboundHook", input, "inboundHook { url hasSecret }")
        .await?;
    // Neither has its app anything to sign with.
    assert_eq!(made["inboundHook"]["hasSecret"], false);
    let url = made["inboundHook"]["url"].as_str().unwrap_or_default();
    let hook = InboundHook {
        id: String::new(),
        url: url.to_owned(),
        node_key: String::new(),
    };
    let refused = hook
        .post(&[("x-hub-signature-256", "sha256=00")], "{}")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(refused.json(), @r#"
        {
          "error": {
            "code": "NO_SECRET",
            "message": "the hook has no secret: give it the one that the sender signs with"
          }
        }
        "#);
    }
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_cannot_be_set_is_named(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner, "Payments").await?;
    let hook = hook(&owner, &app).await?;
    let update = async |mut input: Value| {
        input["inboundHookId"] = hook.id.clone().into();
        let refused = owner
            .mutate("updateInboundHook", input, "inboundHook { id }")
            .await?;
        Ok::<_, anyhow::Error>(refused["userErrors"].clone())
    };
    let nodes = [
        node("got", "webhook", json!({})),
        node("note", "debug", json!({"message": "-"})),
    ];
    let workflow = owner.publish("Got", graph(nodes, &["got -> note"])).await?;
    let of_workflow = json!({"inboundHookId": workflow.hooks[0].id, "active": false});
    let of_workflow = owner
        .mutate("updateInboundHook", of_workflow, "inboundHook { id }")
        .await?;
    let said = [
        update(json!({"config": {"scheme": "strype", "maxBytes": -1, "colour": "red"}})).await?,
        update(json!({"config": {"scheme": "hmac-sha1"}})).await?,
        update(json!({"config": {"allowFrom": ["10.0.0.0/99"]}})).await?,
        update(json!({"config": {"scheme": "standard"}, "secret": "plain text"})).await?,
        update(json!({"config": ["scheme"]})).await?,
        update(json!({"config": {"scheme": "plugin"}})).await?,
        of_workflow["userErrors"].clone(),
    ];
    allow_duplicates! {
        assert_json_snapshot!(said, @r#"
        [
          [
            {
              "field": [
                "input",
                "config",
                "scheme"
              ],
              "code": "INVALID_CONFIG",
              "message": "unknown variant `strype`, expected one of `none`, `stripe`, `github`, `slack`, `twilio`, `standard`, `hmac-sha256`, `hmac-sha1`, `hmac-sha512`, `basic`, `bearer`, `quickbooks`, `meta`, `sendgrid`, `quo`, `authorize-net`, `lob`, `postmark`, `mailchimp`, `google`, `tap`, `plugin`"
            },
            {
              "field": [
                "input",
                "config",
                "maxBytes"
              ],
              "code": "INVALID_CONFIG",
              "message": "invalid value: integer `-1`, expected u32"
            },
            {
              "field": [
                "input",
                "config",
                "colour"
              ],
              "code": "INVALID_CONFIG",
              "message": "there is no such member; there are scheme, format, header, prefix, encoding, timestampHeader, separator, keyEncoding, verifyToken, allowFrom, maxBytes, maxPerSecond"
            }
          ],
          [
            {
              "field": [
                "input",
                "config",
                "header"
              ],
              "code": "INVALID_CONFIG",
              "message": "this scheme needs the name of the header that carries the signature"
            }
          ],
          [
            {
              "field": [
                "input",
                "config",
                "allowFrom"
              ],
              "code": "INVALID_CONFIG",
              "message": "give a list of ranges in CIDR notation, such as 192.0.2.0/24"
            }
          ],
          [
            {
              "field": [
                "input",
                "secret"
              ],
              "code": "INVALID",
              "message": "a secret of Standard Webhooks is `whsec_` and base64; for another text choose the scheme `hmac-sha256`"
            }
          ],
          [
            {
              "field": [
                "input",
                "config"
              ],
              "code": "INVALID",
              "message": "The config must be an object."
            }
          ],
          [
            {
              "field": [
                "input",
                "scheme"
              ],
              "code": "INVALID",
              "message": "no loaded plugin verifies webhooks of `http`; choose another scheme"
            }
          ],
          [
            {
              "field": [
                "input",
                "inboundHookId"
              ],
              "code": "CONFLICT",
              "message": "this hook belongs to a workflow: change its `webhook` node, save and publish it"
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}
