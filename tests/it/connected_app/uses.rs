//! What credentials were used for, as those see it who may read the audit log.

use anyhow::{Context, Result, ensure};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{
    Client, ConsentServer, Engine, Jackfield, Postmark, Receiver, Reply, Setup, node,
    on_both_engines, start_then,
};
use serde_json::{Value, json};

on_both_engines![
    each_use_says_by_whom_and_where_to,
    a_use_is_on_disk_before_its_request_is_sent,
    every_attempt_of_every_item_is_a_use,
    tokens_are_used_too,
    those_who_may_not_read_the_audit_log_do_not_see_uses,
    a_step_says_which_app_it_used,
];

const USES: &str = "query($id: ID!) { connectedApp(id: $id) { uses { totalCount nodes {
    id at purpose connectedAppId runId nodeKey itemPath attempt hosts requests reads
    workflow { name } run { id } connectedApp { id }
} } } }";

/// The uses of an app, oldest first.
async fn uses(client: &Client, app: &Value) -> Result<Vec<Value>> {
    let data = client.data_with(USES, json!({"id": app})).await?;
    let uses = &data["connectedApp"]["uses"];
    let mut nodes = uses["nodes"].as_array().cloned().context("a list")?;
    ensure!(uses["totalCount"] == nodes.len(), "{uses:#}");
    nodes.reverse();
    Ok(nodes)
}

/// Those by steps.
async fn by_steps(client: &Client, app: &Value) -> Result<Vec<Value>> {
    let mut found = uses(client, app).await?;
    found.retain(|used| used["purpose"] == "STEP");
    Ok(found)
}

async fn connect(client: &Client) -> Result<Value> {
    let credentials = json!({"scheme": "bearer", "token": "token-1111"});
    let input = json!({"provider": "http", "name": "Partner", "credentials": credentials});
    let connected = client
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    Ok(connected["connectedApp"]["id"].clone())
}

fn call(app: &Value, url: &str) -> Value {
    let mut call = node("call", "api-endpoint", json!({"url": url}));
    call["connectedAppId"] = app.clone();
    call
}

fn host(outside: &Receiver) -> String {
    outside.url("").replace("http://", "")
}

#[expect(clippy::too_many_lines, reason = "each use is shown")]
async fn each_use_says_by_whom_and_where_to(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[("a@example.com", true)]);
    let sender =
        json!({"connectedAppId": app, "resourceType": "sender_email", "value": "a@example.com"});
    owner
        .succeed("createResource", sender, "resource { id }")
        .await?;
    // The node names no app: it uses the default one of its provider.
    let config = json!({"operation": "send_email", "to": "ada@example.com", "subject": "Hi", "textBody": "Hi"});
    let definition = start_then(node("mail", "postmark", config));
    let run = owner.run_once(definition.clone(), json!({})).await?;
    ensure!(run["status"] == "SUCCEEDED", "{run:#}");
    owner
        .succeed(
            "checkConnectedApp",
            json!({"connectedAppId": app}),
            "connectedApp { id }",
        )
        .await?;
    let config = &definition["nodes"][1]["config"];
    let tried = json!({"type": "postmark", "config": config, "input": {}});
    owner.succeed("testNode", tried, "result { port }").await?;
    let mut found = uses(&owner, &app).await?;
    let requests = postmark.outside.requests().len();
    let counted: u64 = found
        .iter()
        .filter_map(|used| used["requests"].as_u64())
        .sum();
    assert_eq!(counted, u64::try_from(requests)?, "{found:#?}");
    let of_step = found.iter().find(|used| used["purpose"] == "STEP");
    let of_step = of_step.context("the step's use")?;
    assert_eq!(of_step["runId"], run["id"]);
    assert_eq!(of_step["run"]["id"], run["id"]);
    for used in &mut found {
        assert_eq!(used["hosts"], json!([host(&postmark.outside)]), "{used:#}");
        assert_eq!(
            (&used["connectedAppId"], &used["connectedApp"]["id"]),
            (&app, &app)
        );
        let members = used.as_object_mut().context("a use")?;
        members.retain(|name, _| {
            [
                "purpose", "workflow", "nodeKey", "attempt", "requests", "reads",
            ]
            .contains(&name.as_str())
        });
    }
    allow_duplicates! {
        assert_json_snapshot!(found, @r#"
    [
      {
        "purpose": "CREDENTIAL_TEST",
        "nodeKey": null,
        "attempt": null,
        "requests": 1,
        "reads": 0,
        "workflow": null
      },
      {
        "purpose": "RESOURCES",
        "nodeKey": null,
        "attempt": null,
        "requests": 1,
        "reads": 0,
        "workflow": null
      },
      {
        "purpose": "STEP",
        "nodeKey": "mail",
        "attempt": 1,
        "requests": 1,
        "reads": 0,
        "workflow": {
          "name": "example"
        }
      },
      {
        "purpose": "HEALTH_CHECK",
        "nodeKey": null,
        "attempt": null,
        "requests": 2,
        "reads": 0,
        "workflow": null
      },
      {
        "purpose": "NODE_TEST",
        "nodeKey": null,
        "attempt": null,
        "requests": 1,
        "reads": 0,
        "workflow": null
      }
    ]
    "#);
    }
    let document =
        "query($filter: CredentialUseFilter) { credentialUses(filter: $filter) { totalCount } }";
    for (filter, count) in [
        (json!({"runId": run["id"]}), 1),
        (json!({"connectedAppId": app}), found.len()),
        (
            json!({"connectedAppId": "app_01HF7YAT00000000000000001A"}),
            0,
        ),
        (json!({"connectedAppId": "nonsense"}), 0),
        (json!({"until": "2026-01-01T00:00:00Z"}), 0),
    ] {
        let data = owner.data_with(document, json!({"filter": filter})).await?;
        assert_eq!(data["credentialUses"]["totalCount"], count, "{filter}");
    }
    jackfield.finish().await
}

async fn a_use_is_on_disk_before_its_request_is_sent(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/api", [Reply::hang(), Reply::default()]);
    let setup = Setup::new(engine)?.environment("JACKFIELD_RUN_LEASE", "2s");
    let mut jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let app = connect(&owner).await?;
    let definition = start_then(call(&app, &outside.url("/api")));
    let workflow = owner.publish("Killed", definition).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    // The request is there, its answer is not, and the server is gone.
    outside.wait_for(1).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    let ended = owner.ended(&run).await?;
    ensure!(ended["status"] == "SUCCEEDED", "{ended:#}");
    let found = by_steps(&owner, &app).await?;
    let shown = |used: &Value| {
        let by = (used["runId"] == run.as_str(), used["nodeKey"].clone());
        (by, used["hosts"].clone(), used["requests"].clone())
    };
    let shown: Vec<_> = found.iter().map(shown).collect();
    let by = (true, json!("call"));
    let expected = [
        (by.clone(), Value::Null, Value::Null),
        (by, json!([host(&outside)]), json!(1)),
    ];
    assert_eq!(shown, expected, "{found:#?}");
    assert_eq!(outside.requests().len(), 2);
    jackfield.finish().await
}

async fn every_attempt_of_every_item_is_a_use(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/a", [Reply::json(503, &json!({})), Reply::default()]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner).await?;
    let mut each = call(&app, &outside.url("/{{ steps.each.output.item }}"));
    each["retry"] = json!({"maxAttempts": 2, "initialDelay": "PT0.01S"});
    let definition = jackfield_tests::graph(
        [
            node("start", "manual", json!({})),
            node("each", "for-each", json!({"items": ["a", "b"]})),
            each,
        ],
        &["start -> each", "each.item -> call"],
    );
    let run = owner.run_once(definition, json!({})).await?;
    ensure!(run["status"] == "SUCCEEDED", "{run:#}");
    let found = by_steps(&owner, &app).await?;
    let mut shown: Vec<_> = found
        .iter()
        .map(|used| {
            format!(
                "item {} attempt {} requests {}",
                used["itemPath"], used["attempt"], used["requests"]
            )
        })
        .collect();
    shown.sort();
    allow_duplicates! {
        assert_json_snapshot!(shown, @r#"
    [
      "item \"0\" attempt 1 requests 1",
      "item \"0\" attempt 2 requests 1",
      "item \"1\" attempt 1 requests 1"
    ]
    "#);
    }
    jackfield.finish().await
}

async fn tokens_are_used_too(engine: Engine) -> Result<()> {
    let consent = ConsentServer::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let credentials = json!({
        "scheme": "oauth2_authorization_code", "authorizeUrl": consent.url("/authorize"),
        "tokenUrl": consent.url("/token"), "clientId": "client", "clientSecret": "s3cret&more", "scope": "read",
    });
    let input = json!({"provider": "http", "name": "Books", "credentials": credentials});
    let connected = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let app = &connected["connectedApp"]["id"];
    let started = owner
        .succeed(
            "startOAuth",
            json!({"connectedAppId": app}),
            "authorizationUrl",
        )
        .await?;
    let link = started["authorizationUrl"].as_str().context("a URL")?;
    ensure!(consent.grant(link).await?.status() == 200);
    // The provider refuses the token once: the step gets another one and asks again.
    consent.end_access();
    let run = owner
        .run_once(start_then(call(app, &consent.url("/api"))), json!({}))
        .await?;
    ensure!(run["status"] == "SUCCEEDED", "{run:#}");
    let found = uses(&owner, app).await?;
    let mut shown: Vec<_> = found
        .iter()
        .map(|used| format!("{} {}", used["purpose"], used["requests"]))
        .collect();
    shown.sort();
    assert_eq!(shown, ["\"STEP\" 2", "\"TOKENS\" 1", "\"TOKENS\" 1"]);
    jackfield.finish().await
}

async fn a_step_says_which_app_it_used(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner).await?;
    let run = owner
        .run_once(start_then(call(&app, &outside.url("/api"))), json!({}))
        .await?;
    let document =
        "query($run: ID!) { run(id: $run) { steps { nodeKey connectedApp { id name } } } }";
    let variables = json!({"run": run["id"]});
    let viewer = owner.join("ada@example.com", "VIEWER").await?.client;
    let shown = viewer.data_with(document, variables.clone()).await?;
    assert_eq!(
        shown["run"]["steps"],
        json!([
            {"nodeKey": "start", "connectedApp": null},
            {"nodeKey": "call", "connectedApp": {"id": app, "name": "Partner"}},
        ])
    );
    let input = json!({"connectedAppId": app, "force": true});
    owner
        .succeed("disconnectApp", input, "connectedApp { id }")
        .await?;
    let shown = owner.data_with(document, variables).await?;
    assert_eq!(shown["run"]["steps"][1]["connectedApp"], Value::Null);
    jackfield.finish().await
}

async fn those_who_may_not_read_the_audit_log_do_not_see_uses(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = connect(&owner).await?;
    let ada = owner.join("ada@example.com", "EDITOR").await?;
    let document = "query($id: ID!) { connectedApp(id: $id) { name uses { totalCount } } }";
    let answer = ada.client.send(document, json!({"id": app})).await?;
    let of_app = &answer.body["data"]["connectedApp"];
    assert_eq!(
        (&of_app["name"], &of_app["uses"]),
        (&json!("Partner"), &Value::Null),
        "{answer:?}"
    );
    let code = &answer.body["errors"][0]["extensions"]["code"];
    assert_eq!(code, "FORBIDDEN");
    let document = "query($id: ID!) { node(id: $id) { id } }";
    let id = json!({"id": "use_01HF7YAT00000000000000001A"});
    let one = ada.client.send(document, id).await?;
    assert_eq!(one.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let all = ada
        .client
        .send("{ credentialUses { totalCount } }", json!({}))
        .await?;
    assert_eq!(all.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    jackfield.finish().await
}
