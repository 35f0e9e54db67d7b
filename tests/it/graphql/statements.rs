//! How many statements a list costs does not depend on how long it is.
//!
//! The documents are made of the schema: each list of the queries, with each relation of what is in it, and with the relations
//! of these. So a relation that is added later is counted too.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use jackfield_tests::{
    Client, Engine, Jackfield, Plugins, Postmark, Receiver, Setup, Workflow, graph, node,
    node_of_app, on_both_engines,
};
use serde_json::{Value, json};

use super::relations::Schema;

on_both_engines![no_list_costs_a_statement_for_each_row];

const FEW: usize = 2;
const MANY: usize = 12;

/// The relations of a row, and theirs.
const LEVELS: usize = 2;

async fn no_list_costs_a_statement_for_each_row(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let postmark = Postmark::start().await?;
    let jackfield = Setup::with(engine, Plugins::All)?
        .environment("JACKFIELD_LOG", "info,sqlx::query=trace")
        .start()
        .await?;
    let owner = jackfield.owner();
    fill(&owner, &outside, &postmark).await?;

    let schema = Schema::read(&owner).await?;
    let (mut growing, mut counted) = (BTreeMap::new(), 0);
    for list in schema.lists() {
        let few = statements(&jackfield, &owner, &schema.document(&list, FEW, LEVELS)).await?;
        let many = statements(&jackfield, &owner, &schema.document(&list, MANY, LEVELS)).await?;
        counted += many.len();
        for (statement, count) in many {
            let before = few.get(&statement).copied().unwrap_or_default();
            // Two ways to the same things may meet in one statement or not; what grows with the rows grows by one for each.
            if count > before + (MANY - FEW) / 2 {
                growing.insert(format!("{list}: {statement}"), (before, count));
            }
        }
    }
    ensure!(growing.is_empty(), "{growing:#?}");
    ensure!(counted > 100, "{counted} statements were logged");
    jackfield.finish().await
}

/// How often a document led to statements that differ in nothing but the number of values.
async fn statements(
    jackfield: &Jackfield,
    client: &Client,
    document: &str,
) -> Result<BTreeMap<String, usize>> {
    let before = jackfield.log()?.len();
    client.data(document).await?;
    let log = jackfield.log()?;
    let lines = log[before..].lines();
    let lines = lines.filter(|line| line.contains("sqlx::query") && line.contains("\"/graphql\""));
    let mut counted = BTreeMap::new();
    for line in lines {
        let line: Value = serde_json::from_str(line)?;
        let statement = line["db.statement"].as_str().unwrap_or_default();
        // Of lists that are read together the first one says which they are.
        let statement = statement.split(" UNION ALL").next().unwrap_or_default();
        let values = ["?", ", ", "$", "(", ")"];
        let same = values
            .iter()
            .fold(statement.to_owned(), |text, part| text.replace(part, ""));
        let same = same.trim().trim_matches(char::is_numeric);
        *counted.entry(same.to_owned()).or_default() += 1;
    }
    Ok(counted)
}

/// Twelve of everything that somebody can make, related with each other.
async fn fill(owner: &Client, outside: &Receiver, postmark: &Postmark) -> Result<()> {
    let mut workflows = Vec::new();
    for number in 0..MANY {
        let kind = format!("thing.of_{number}");
        for (mutation, input, made) in others(number, &kind, &outside.url("/hook")) {
            owner.succeed(mutation, input, made).await?;
        }
        let workflow = workflow(owner, postmark, number, &kind).await?;
        workflow.hooks[0].post(&[], "{}").await?;
        workflow.hooks[0].post(&[], "{").await?;
        owner
            .publish_event(&kind, json!({"number": number}))
            .await?;
        workflows.push(workflow);
    }
    for workflow in &workflows {
        owner.ended_runs_of(workflow, 2).await?;
    }
    outside.wait_for(MANY).await.map(drop)
}

fn others(number: usize, kind: &str, url: &str) -> [(&'static str, Value, &'static str); 5] {
    let key = json!({"name": format!("Key {number}"), "role": "EDITOR"});
    let guest = json!({"email": format!("guest{number}@example.com"), "role": "VIEWER"});
    let variable = json!({"name": format!("variable_{number}"), "value": number});
    let endpoint = json!({"name": format!("To {number}"), "url": url, "eventTypes": [kind]});
    [
        ("createApiKey", key, "apiKey { id }"),
        ("inviteUser", guest, "invitation { id }"),
        ("setVariable", variable, "variable { id }"),
        ("createEventType", json!({"name": kind}), "eventType { id }"),
        ("createWebhookEndpoint", endpoint, "webhookEndpoint { id }"),
    ]
}

/// A workflow that sends a message template with a connected app of its own.
async fn workflow(
    owner: &Client,
    postmark: &Postmark,
    number: usize,
    kind: &str,
) -> Result<Workflow> {
    let app = postmark.connect(owner, &format!("Mail {number}")).await?;
    let address = format!("a{number}@example.com");
    postmark.senders(&[(&*address, true)]);
    let sender = owner.add_resource(&app, "sender_email", &address).await?;
    let input = json!({
        "name": format!("Template {number}"), "channel": "EMAIL", "subject": "Hi", "textBody": "Hi", "senderId": sender["id"],
    });
    let made = owner.succeed("createMessageTemplate", input, "messageTemplate { id }");
    let template = made.await?["messageTemplate"]["id"].take();
    let mail = json!({"operation": "send_email", "to": "ada@example.com", "template": template});
    let nodes = [
        node("got", "webhook", json!({})),
        node("happened", "event", json!({"types": [kind]})),
        node("hourly", "schedule", json!({"cron": "0 0 * * * *"})),
        node_of_app("mail", "postmark", &app, mail),
    ];
    let edges = ["got -> mail", "happened -> mail", "hourly -> mail"];
    owner
        .publish(&format!("Workflow {number}"), graph(nodes, &edges))
        .await
}
