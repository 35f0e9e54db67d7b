//! How many statements a document costs: as many for twenty rows as for two.

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, Receiver, Setup, graph, node, on_both_engines};
use serde_json::{Value, json};

/// Every relation that does not lead to a list of its own pages.
const RELATIONS: &str = "{
    workflows(first: 100) { totalCount nodes { id draft { id } published { id problems { message } } triggers { nodeKey }
        inboundHooks { id url active workflow { name } connectedApp { id } } pins { nodeKey } problems { message } nextRunAt } }
    runs(first: 100) { totalCount nodes { id workflow { name } version { number } parent { id } rerunOf { id }
        steps { id run { id } output warnings { code } rateLimitedBy { id } }
        event { id data deliveries { id endpoint { name } event { id } attempts { id responseBody } } inboundHook { id } replayOf { id } } } }
    events(first: 100) { totalCount nodes { id deliveries { id attempts { number requestHeaders } endpoint { id } } } }
    deliveries(first: 100) { totalCount nodes { id event { type } endpoint { name } attempts { status } } }
    webhookEndpoints(first: 100) { totalCount nodes { id name eventTypes } }
    eventTypes(first: 100) { totalCount nodes { name versions { number } } }
    variables(first: 100) { totalCount nodes { name versions { value } } }
    connectedApps(first: 100) { totalCount nodes { id status provider inboundHook { id } resources { id connectedApp { id } }
        usedBy { workflow { id } } } }
    messageTemplates(first: 100) { totalCount nodes { id senderWarning sender { id } usedBy { workflow { id } } } }
    resources(first: 100) { totalCount nodes { id messageTemplates { id } usedBy { workflow { id } } } }
    providers { nodes { name connectedApps { id } } }
}";

/// Adds one of everything.
async fn add(jackfield: &Jackfield, receiver: &Receiver, number: usize) -> Result<()> {
    let owner = jackfield.owner();
    let event_type = format!("order.paid_{number}");
    let input = json!({"name": event_type, "category": "ORDER"});
    owner
        .succeed("createEventType", input, "eventType { id }")
        .await?;
    let input = json!({
        "name": format!("Customer {number}"), "url": receiver.url("/hook"), "eventTypes": [event_type],
    });
    owner
        .succeed("createWebhookEndpoint", input, "webhookEndpoint { id }")
        .await?;
    let input = json!({"name": format!("name_{number}"), "value": "1"});
    owner
        .succeed("setVariable", input, "variable { name }")
        .await?;
    let input = json!({
        "provider": "http", "name": format!("App {number}"),
        "credentials": {"scheme": "bearer", "token": "secret"},
    });
    owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    let input = json!({
        "name": format!("Note {number}"), "channel": "EMAIL", "subject": "s", "textBody": "t",
    });
    owner
        .succeed("createMessageTemplate", input, "messageTemplate { id }")
        .await?;
    let nodes = [
        node("hook", "webhook", json!({})),
        node("paid", "event", json!({"types": [event_type]})),
        node("daily", "schedule", json!({"cron": "0 0 3 * * *"})),
        node("set", "set", json!({"values": {"n": number}})),
    ];
    let edges = ["hook -> set", "paid -> set", "daily -> set"];
    let workflow = owner
        .publish(&format!("Workflow {number}"), graph(nodes, &edges))
        .await?;
    owner
        .publish_event(&event_type, json!({"n": number}))
        .await?;
    owner.ended_runs_of(&workflow, 1).await?;
    receiver.wait_for(number + 1).await?;
    Ok(())
}

/// How many statements the document costs.
async fn statements(jackfield: &Jackfield) -> Result<usize> {
    let request = reqwest::Client::new().post(jackfield.url("/graphql"));
    let request = request
        .bearer_auth(jackfield.owner_key())
        .json(&json!({"query": RELATIONS}));
    let response = request.send().await?;
    let id = response.headers().get("x-request-id");
    let id = id.context("no id")?.to_str()?.to_owned();
    let answer: Value = response.json().await?;
    assert_eq!(answer["errors"], Value::Null);
    let log = jackfield.log()?;
    let of_request = log.lines().filter(|line| line.contains(&id));
    Ok(of_request
        .filter(|line| line.contains(r#""target":"sqlx::query""#))
        .count())
}

on_both_engines!(rows_do_not_cost_statements);

async fn rows_do_not_cost_statements(engine: Engine) -> Result<()> {
    let receiver = Receiver::start().await?;
    let jackfield = Setup::new(engine)?
        .environment("JACKFIELD_LOG", "info,sqlx::query=trace")
        .start()
        .await?;
    for number in 0..2 {
        add(&jackfield, &receiver, number).await?;
    }
    let few = statements(&jackfield).await?;
    for number in 2..12 {
        add(&jackfield, &receiver, number).await?;
    }
    let many = statements(&jackfield).await?;

    assert!(few > 20, "only {few} statements were seen");
    assert_eq!(many, few);
    jackfield.finish().await
}
