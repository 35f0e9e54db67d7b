//! Planted secrets are looked for everywhere they must not be.

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jackfield_tests::{
    Engine, Jackfield, Plugins, Receiver, Reply, Setup, graph, node, on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![
    planted_secrets_never_come_out,
    everything_is_sealed_anew_while_the_server_works,
];

const TOKEN: &str = "canary-bearer-token-4711";
const PASSWORD: &str = "canary-password-4712";
const CLIENT_SECRET: &str = "canary-client-secret-4713";
const ACCESS_TOKEN: &str = "canary-access-token-4714";
const HOOK_SECRET: &str = "whsec_canary-hook-secret-4715";

const EVENTS: &str = "subscription { events { cursor event { type data } } }";
const FOLLOW: &str = "subscription($run: ID!) { runUpdates(runId: $run) {
    cursor run { status input output error } step { nodeKey status input output error }
} }";

async fn planted_secrets_never_come_out(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let issued = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600});
    outside.answer("/token", [Reply::json(200, &issued)]);
    let setup =
        Setup::with(engine, Plugins::Named(&["stripe"]))?.environment("JACKFIELD_LOG", "trace");
    let jackfield = setup.start().await?;
    let mut seen = plant(&jackfield, &outside).await?;
    let document = "{
        connectedApps { nodes { id name maskedCredential } }
        workflows { nodes { id published { definition { nodes { key config } } } inboundHooks { id url } } }
        runs { nodes { input output error steps { input output error } } }
        events { nodes { data } }
    }";
    seen.push_str(&jackfield.owner().data(document).await?.to_string());

    let stored = String::from_utf8_lossy(&jackfield.database_bytes()?).into_owned();
    let places = [
        ("the API", seen),
        ("the log", jackfield.log()?),
        ("the database", stored),
    ];
    let secrets = [TOKEN, PASSWORD, CLIENT_SECRET, ACCESS_TOKEN, HOOK_SECRET];
    for (place, content) in &places {
        for secret in secrets.iter().copied().flat_map(spellings) {
            assert!(!content.contains(&secret), "{secret} is in {place}");
        }
    }
    // The secrets did their work: the search would be vain otherwise.
    let sent = format!("{:?}", outside.requests());
    for secret in [TOKEN, PASSWORD, CLIENT_SECRET, ACCESS_TOKEN] {
        assert!(
            spellings(secret)
                .iter()
                .any(|spelling| sent.contains(spelling)),
            "{secret}: {sent}"
        );
    }
    jackfield.finish().await
}

/// Uses each secret once, in a run that succeeds or fails, and returns what the API said meanwhile.
async fn plant(jackfield: &Jackfield, outside: &Receiver) -> Result<String> {
    let client = json!({
        "scheme": "oauth2_client_credentials", "tokenUrl": outside.url("/token"),
        "clientId": "jackfield", "clientSecret": CLIENT_SECRET,
    });
    let credentials = [
        json!({"scheme": "bearer", "token": TOKEN}),
        json!({"scheme": "basic", "username": "ada", "password": PASSWORD}),
        client,
    ];
    echo(outside);
    let mut nodes = vec![node(
        "got",
        "webhook",
        json!({"scheme": "stripe", "secret": HOOK_SECRET}),
    )];
    let mut seen = String::new();
    for (index, credentials) in credentials.into_iter().enumerate() {
        let input = json!({"provider": "http", "name": format!("Partner {index}"), "credentials": credentials});
        let app = jackfield
            .owner()
            .succeed("connectApp", input, "connectedApp { id maskedCredential }")
            .await?;
        seen.push_str(&app.to_string());
        let mut call = node(
            &format!("call{index}"),
            "api-endpoint",
            json!({"url": outside.url(&format!("/api{index}"))}),
        );
        call["connectedAppId"] = app["connectedApp"]["id"].clone();
        nodes.push(call);
    }
    nodes.push(node(
        "said",
        "debug",
        json!({"message": "{{ steps.call1.output }}"}),
    ));
    let edges = [
        "got -> call0",
        "got -> call1",
        "call1.error -> said",
        "got -> call2",
    ];
    let definition = graph(nodes, &edges);
    let workflow = jackfield.owner().publish("Canaries", definition).await?;
    let mut events = jackfield.subscribe(EVENTS, json!({})).await?;
    let body = json!({"id": "evt_1", "type": "canary"}).to_string();
    seen.push_str(
        &workflow.hooks[0]
            .post_stripe(HOOK_SECRET, &body)
            .await?
            .text,
    );
    seen.push_str(
        &workflow.hooks[0]
            .post_stripe("whsec_wrong", &body)
            .await?
            .text,
    );
    seen.push_str(&format!("{:?}", events.next().await?));
    let runs = jackfield.owner().runs_of(&workflow).await?;
    let follow = jackfield.subscribe(FOLLOW, json!({"run": runs[0]["id"]}));
    let followed = Value::Array(follow.await?.rest().await?).to_string();
    assert!(followed.contains("Bearer ***"), "{followed}");
    seen.push_str(&followed);
    let runs = jackfield.owner().ended_runs_of(&workflow, 1).await?;
    let runs = Value::Array(runs).to_string();
    // What is no secret comes through, in the step and in the output of the run.
    assert_eq!(
        runs.matches(r#""authorization":"Bearer ***""#).count(),
        4,
        "{runs}"
    );
    assert!(
        runs.contains("ada") && runs.contains("Basic *** ***"),
        "{runs}"
    );
    seen.push_str(&runs);
    Ok(seen)
}

/// Has the services say back what they were sent, as those for debugging do, one with success and one with a failure.
fn echo(outside: &Receiver) {
    let basic = format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("ada:{PASSWORD}"))
    );
    let said = [
        (200, format!("Bearer {TOKEN}")),
        (403, format!("{basic} {PASSWORD}")),
        (200, format!("Bearer {ACCESS_TOKEN}")),
    ];
    for (index, (status, authorization)) in said.iter().enumerate() {
        let body = json!({"you": "ada", "sent": {"authorization": authorization}});
        let reply = Reply::json(*status, &body).header("x-you-sent", authorization);
        outside.answer(&format!("/api{index}"), [reply]);
    }
}

/// A secret as it is and as it is often encoded.
fn spellings(secret: &str) -> [String; 4] {
    [
        secret.to_owned(),
        BASE64_STANDARD.encode(secret),
        BASE64_STANDARD.encode(format!("ada:{secret}")),
        BASE64_STANDARD.encode(format!("jackfield:{secret}")),
    ]
}

const OLD_KEY: &str = "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=";
const NEW_KEY: &str = "bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyA=";

/// One secret of each kind: of an app, of a hook, and the three of a webhook endpoint.
async fn everything_is_sealed_anew_while_the_server_works(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/api", vec![Reply::json(200, &json!({})); 2]);
    let setup = Setup::with(engine, Plugins::Named(&["stripe"]))?
        .environment("JACKFIELD_MASTER_KEY", OLD_KEY);
    let server = setup.server();
    let mut jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let input = json!({"provider": "http", "name": "Partner", "credentials": {"scheme": "bearer", "token": TOKEN}});
    let app = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let mut call = node("call", "api-endpoint", json!({"url": outside.url("/api")}));
    call["connectedAppId"] = app["connectedApp"]["id"].clone();
    let hook = node(
        "got",
        "webhook",
        json!({"scheme": "stripe", "secret": HOOK_SECRET}),
    );
    let workflow = owner
        .publish("Sealed", graph([hook, call], &["got -> call"]))
        .await?;
    let input = json!({
        "name": "Customer", "url": outside.url("/customer"), "eventTypes": ["nothing.here"],
        "options": {
            "customHeaders": [{"name": "X-Tenant", "value": "canary-header-4716"}],
            "authentication": {"bearer": {"token": "canary-endpoint-4717"}},
        },
    });
    owner
        .succeed("createWebhookEndpoint", input, "webhookEndpoint { id }")
        .await?;

    jackfield.terminate().await?;
    jackfield.set(
        "JACKFIELD_MASTER_KEY",
        Some(&format!("{NEW_KEY},{OLD_KEY}")),
    );
    jackfield.restart().await?;
    let document = "mutation($only: Boolean!) { resealSecrets(input: {dryRun: $only}) { resealed current unreadable } }";
    let looked = jackfield
        .owner()
        .data_with(document, json!({"only": true}))
        .await?;
    assert_eq!(
        looked["resealSecrets"],
        json!({"resealed": 5, "current": 0, "unreadable": []})
    );
    let done = std::process::Command::new(server)
        .args(["secret", "reseal", "--server", &jackfield.url("")])
        .env("JACKFIELD_API_KEY", jackfield.owner_key())
        .output()?;
    let said = String::from_utf8(done.stdout)? + &String::from_utf8(done.stderr)?;
    insta::allow_duplicates! {
        insta::assert_snapshot!(said, @"
        5 secrets sealed with the current master key, 0 were before.
        The other master keys of the server can be removed.
        ");
    }

    jackfield.terminate().await?;
    jackfield.set("JACKFIELD_MASTER_KEY", Some(NEW_KEY));
    jackfield.restart().await?;
    let body = json!({"id": "evt_1", "type": "canary"}).to_string();
    let posted = workflow.hooks[0].post_stripe(HOOK_SECRET, &body).await?;
    assert_eq!(posted.status, 200, "{}", posted.text);
    let runs = jackfield.owner().ended_runs_of(&workflow, 1).await?;
    assert_eq!(runs[0]["status"], "SUCCEEDED", "{runs:?}");
    assert!(format!("{:?}", outside.requests()).contains(TOKEN));
    jackfield.finish().await
}
