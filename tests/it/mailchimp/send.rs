//! Members, tags and campaigns.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Mailchimp, Reply, graph, node, node_of_app, on_both_engines,
    start_then_or_excuse, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_key_is_tested_before_it_is_stored,
    a_new_customer_is_welcomed,
    what_goes_wrong_leaves_by_the_error_port,
    a_member_under_way_is_sent_again,
    a_campaign_under_way_goes_out_once,
];

/// A workflow that adds a customer to the audience.
fn adds(app: &Value) -> Value {
    let config = json!({
        "operation": "upsert_member", "audience": "a1b2c3d4e5", "email": "{{ trigger.body.email }}", "firstName": "{{ trigger.body.name }}",
    });
    start_then_or_excuse(node_of_app("add", "mailchimp", app, config))
}

fn customer() -> Value {
    json!({"email": "Ada@example.com", "name": "Ada"})
}

async fn a_key_is_tested_before_it_is_stored(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let jackfield = Jackfield::with(engine, &["mailchimp"]).await?;
    let owner = jackfield.owner();
    let shown = "connectedApp { status maskedCredential lastHealthCheck { ok message } }";
    let connected = owner
        .succeed("connectApp", mailchimp.input(), shown)
        .await?;
    let tested = &mailchimp.outside.requests_to("/3.0/")[0];
    // jackfield:0123456789abcdef-us21
    let basic = "Basic amFja2ZpZWxkOjAxMjM0NTY3ODlhYmNkZWYtdXMyMQ==";
    assert_eq!(tested.header("authorization"), basic);
    let said = "Your API key may be invalid, or you've attempted to access the wrong datacenter.";
    let refusal = Mailchimp::problem(401, "API Key Invalid", said);
    mailchimp.outside.answer("/3.0/", [refusal]);
    let refused = owner
        .mutate("connectApp", mailchimp.input(), "connectedApp { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(json!([connected["connectedApp"], refused["userErrors"]]), @r#"
        [
          {
            "status": "CONNECTED",
            "maskedCredential": "••••us21",
            "lastHealthCheck": {
              "ok": true,
              "message": "Acme"
            }
          },
          [
            {
              "field": [
                "input",
                "credentials"
              ],
              "code": "CREDENTIALS_REFUSED",
              "message": "Mailchimp does not take these credentials: us21.api.mailchimp.com answered 401: Your API key may be invalid, or you've attempted to access the wrong datacenter."
            }
          ]
        ]
        "#);
    }
    jackfield.finish().await
}

async fn a_new_customer_is_welcomed(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let jackfield = Jackfield::with(engine, &["mailchimp"]).await?;
    let owner = jackfield.owner();
    let app = mailchimp.connect(&owner).await?.id;
    let add = json!({
        "operation": "upsert_member", "audience": "a1b2c3d4e5", "email": "{{ trigger.body.email }}", "firstName": "{{ trigger.body.name }}",
        "tags": ["New customer"],
    });
    let tag = json!({
        "operation": "add_tags", "audience": "a1b2c3d4e5", "email": "{{ steps.add.output.email_address }}", "tags": ["Spring"], "remove": ["Lead"],
    });
    let send = json!({"operation": "send_campaign", "campaign": "42694e9e57"});
    let nodes = [
        node("start", "manual", json!({})),
        node_of_app("add", "mailchimp", &app, add),
        node_of_app("tag", "mailchimp", &app, tag),
        node_of_app("send", "mailchimp", &app, send),
    ];
    let edges = ["start -> add", "add -> tag", "tag -> send"];
    let run = owner.run_once(graph(nodes, &edges), customer()).await?;
    assert_eq!(
        step(&run, "send")["output"],
        json!({"campaign": "42694e9e57", "status": "sending"}),
        "{run:#}"
    );
    let added = &mailchimp.outside.requests_to(Mailchimp::MEMBER)[0];
    assert_eq!(added.method, "PUT");
    assert_eq!(
        added.json(),
        json!({"email_address": "Ada@example.com", "status_if_new": "subscribed", "merge_fields": {"FNAME": "Ada"}})
    );
    let tagged = mailchimp.outside.requests_to(Mailchimp::TAGS);
    let tags: Vec<Value> = tagged.iter().map(|request| request.json()).collect();
    assert_eq!(
        tags,
        [
            json!({"tags": [{"name": "New customer", "status": "active"}]}),
            json!({"tags": [{"name": "Spring", "status": "active"}, {"name": "Lead", "status": "inactive"}]}),
        ]
    );
    assert_eq!(mailchimp.outside.requests_to(Mailchimp::SEND).len(), 1);
    assert!(!run.to_string().contains("0123456789abcdef"), "{run:#}");
    jackfield.finish().await
}

async fn what_goes_wrong_leaves_by_the_error_port(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let jackfield = Jackfield::with(engine, &["mailchimp"]).await?;
    let owner = jackfield.owner();
    let app = mailchimp.connect(&owner).await?.id;
    let mut definition = adds(&app);
    definition["nodes"][1]["timeout"] = "PT1S".into();
    let mut told = Vec::new();
    let said =
        "ada@example.com is in a compliance state due to unsubscribe and cannot be subscribed.";
    let left = Mailchimp::problem(400, "Member In Compliance State", said);
    for reply in [left, Reply::hang()] {
        mailchimp.outside.answer(Mailchimp::MEMBER, [reply]);
        let run = owner.run_once(definition.clone(), customer()).await?;
        told.push(step(&run, "excuse")["output"]["message"].clone());
    }
    allow_duplicates! {
        assert_json_snapshot!(told, @r#"
        [
          {
            "code": "MEMBER_IN_COMPLIANCE_STATE",
            "message": "us21.api.mailchimp.com answered 400: ada@example.com is in a compliance state due to unsubscribe and cannot be subscribed.",
            "data": {
              "type": "https://mailchimp.com/developer/marketing/docs/errors/",
              "title": "Member In Compliance State",
              "status": 400,
              "detail": "ada@example.com is in a compliance state due to unsubscribe and cannot be subscribed.",
              "instance": "995c5cb0-3280"
            }
          },
          {
            "code": "TIMEOUT",
            "message": "the attempt took longer than 1s"
          }
        ]
        "#);
    }
    let said = "You have exceeded the limit of 10 simultaneous connections.";
    let limited = Mailchimp::problem(429, "Too Many Requests", said).header("retry-after", "0");
    mailchimp
        .outside
        .answer(Mailchimp::MEMBER, [limited, Mailchimp::member()]);
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.1S"});
    let run = owner.run_once(definition, customer()).await?;
    assert_eq!(step(&run, "add")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "add")["attempt"], 2, "{run:#}");
    jackfield.finish().await
}

async fn a_member_under_way_is_sent_again(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let mut jackfield = Jackfield::with(engine, &["mailchimp"]).await?;
    let owner = jackfield.owner();
    let app = mailchimp.connect(&owner).await?.id;
    let earlier = mailchimp.outside.requests().len();
    mailchimp
        .outside
        .answer(Mailchimp::MEMBER, [Reply::hang(), Mailchimp::member()]);
    let workflow = owner.publish("Add", adds(&app)).await?;
    let run = owner.start_run(&workflow, customer()).await?;
    mailchimp.outside.wait_for(earlier + 1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    // The member is what the request says, however often it comes, so nobody has to be asked.
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    let sent = mailchimp.outside.requests_to(Mailchimp::MEMBER);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].text(), sent[1].text());
    jackfield.finish().await
}

async fn a_campaign_under_way_goes_out_once(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let mut jackfield = Jackfield::with(engine, &["mailchimp"]).await?;
    let owner = jackfield.owner();
    let app = mailchimp.connect(&owner).await?.id;
    let earlier = mailchimp.outside.requests().len();
    // The first request gets through, and Mailchimp refuses the second.
    let again = Mailchimp::problem(400, "Bad Request", "Campaign has already been sent.");
    mailchimp
        .outside
        .answer(Mailchimp::SEND, [Reply::hang(), again]);
    let states = ["save", "sending"].map(Mailchimp::campaign);
    mailchimp.outside.answer(Mailchimp::CAMPAIGN, states);
    let config = json!({"operation": "send_campaign", "campaign": "42694e9e57"});
    let definition = start_then_or_excuse(node_of_app("send", "mailchimp", &app, config));
    let workflow = owner.publish("Send", definition).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    mailchimp.outside.wait_for(earlier + 2).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let run = owner.ended(&run).await?;
    assert_eq!(
        step(&run, "send")["output"],
        json!({"campaign": "42694e9e57", "status": "sending"}),
        "{run:#}"
    );
    assert_eq!(mailchimp.outside.requests_to(Mailchimp::SEND).len(), 2);
    jackfield.finish().await
}
