//! A workspace with one of everything.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jackfield_tests::{Client, Postmark, Receiver, SignedIn, graph, node};
use serde_json::{Value, json};
use tokio::time::sleep;

/// One thing of each kind, by the prefix of its id, and a user who owns the workspace.
pub struct World {
    pub ids: BTreeMap<String, String>,
    pub user: SignedIn,
}

impl World {
    /// Makes them; `name` tells the user apart from those of others.
    #[expect(
        clippy::too_many_lines,
        reason = "one of everything, one after the other"
    )]
    pub async fn build(owner: &Client, outside: &Receiver, name: &str) -> Result<Self> {
        let mut ids = BTreeMap::new();
        let mut keep = |value: &Value| -> Result<()> {
            let id = value.as_str().with_context(|| format!("no id: {value}"))?;
            let (prefix, _) = id.split_once('_').context("an id has a prefix")?;
            ids.insert(prefix.to_owned(), id.to_owned());
            Ok(())
        };
        let user = owner.join(&format!("{name}@example.com"), "OWNER").await?;
        keep(&json!(user.id))?;
        let invite = json!({"email": format!("other-{name}@example.com"), "role": "VIEWER"});
        keep(
            &owner
                .succeed("inviteUser", invite, "invitation { id }")
                .await?["invitation"]["id"],
        )?;
        let key = json!({"name": "One", "role": "VIEWER"});
        keep(&owner.succeed("createApiKey", key, "apiKey { id }").await?["apiKey"]["id"])?;
        let app = json!({"provider": "http", "name": "App", "credentials": {"scheme": "bearer", "token": "tok_1"}});
        keep(
            &owner
                .succeed("connectApp", app, "connectedApp { id }")
                .await?["connectedApp"]["id"],
        )?;
        let postmark = Postmark::start().await?;
        let mail = postmark.connect(owner, "Mail").await?;
        let sender = json!({"connectedAppId": mail, "resourceType": "sender_email", "value": "a@example.com"});
        keep(
            &owner
                .succeed("createResource", sender, "resource { id }")
                .await?["resource"]["id"],
        )?;
        let variable = json!({"name": "vat", "value": 19});
        keep(
            &owner
                .succeed("setVariable", variable, "variable { id }")
                .await?["variable"]["id"],
        )?;
        let template = json!({"name": "Text", "channel": "SMS", "textBody": "Hi"});
        keep(
            &owner
                .succeed("createMessageTemplate", template, "messageTemplate { id }")
                .await?["messageTemplate"]["id"],
        )?;
        let kind = json!({"name": "thing.made"});
        keep(
            &owner
                .succeed("createEventType", kind, "eventType { id }")
                .await?["eventType"]["id"],
        )?;
        let endpoint =
            json!({"name": "Out", "url": outside.url("/in"), "eventTypes": ["thing.made"]});
        let endpoint = owner
            .succeed("createWebhookEndpoint", endpoint, "webhookEndpoint { id }")
            .await?;
        keep(&endpoint["webhookEndpoint"]["id"])?;
        let nodes = [
            node("start", "manual", json!({})),
            node("hook", "webhook", json!({})),
            node("say", "debug", json!({"message": "seen"})),
        ];
        let workflow = owner
            .publish("Note", graph(nodes, &["start -> say", "hook -> say"]))
            .await?;
        keep(&json!(workflow.id))?;
        keep(&json!(workflow.hooks[0].id))?;
        workflow.hooks[0].post_json(&json!({"id": "1"})).await?;
        workflow.hooks[0]
            .post(&[("content-type", "application/json")], "{")
            .await?;
        let document = "query($id: ID!) { node(id: $id) { ... on InboundHook {
            requests(filter: {verdict: ACCEPTED}) { nodes { id } } rejections { nodes { id } } } } }";
        let hook = owner
            .data_with(document, json!({"id": workflow.hooks[0].id}))
            .await?;
        keep(&hook["node"]["requests"]["nodes"][0]["id"])?;
        keep(&hook["node"]["rejections"]["nodes"][0]["id"])?;
        let run = owner.start_run(&workflow, json!({})).await?;
        owner.ended(&run).await?;
        keep(&json!(run))?;
        let event = json!({"type": "thing.made", "data": {}});
        keep(&owner.succeed("publishEvent", event, "event { id }").await?["event"]["id"])?;
        let replay = json!({"webhookEndpointId": endpoint["webhookEndpoint"]["id"]});
        keep(
            &owner
                .succeed("replayEvents", replay, "replay { id }")
                .await?["replay"]["id"],
        )?;
        keep(&attempt(owner).await?)?;
        let document = "query($run: ID!) { viewer { workspace { id } } run(id: $run) { steps { id } } workflows { nodes { published { id } } }
            deliveries { nodes { id } } auditLog(first: 1) { nodes { id } } credentialUses(first: 1) { nodes { id } } }";
        let rest = owner.data_with(document, json!({"run": run})).await?;
        keep(&rest["viewer"]["workspace"]["id"])?;
        keep(&rest["run"]["steps"][0]["id"])?;
        keep(&rest["workflows"]["nodes"][0]["published"]["id"])?;
        keep(&rest["deliveries"]["nodes"][0]["id"])?;
        keep(&rest["auditLog"]["nodes"][0]["id"])?;
        keep(&rest["credentialUses"]["nodes"][0]["id"])?;
        Ok(Self { ids, user })
    }
}

/// The first attempt at a delivery, which is made for at most ten seconds.
async fn attempt(owner: &Client) -> Result<Value> {
    for _ in 0..200 {
        let data = owner
            .data("{ deliveries(order: OLDEST_FIRST, first: 1) { nodes { attempts { id } } } }")
            .await?;
        let id = &data["deliveries"]["nodes"][0]["attempts"][0]["id"];
        if id.is_string() {
            return Ok(id.clone());
        }
        sleep(Duration::from_millis(50)).await;
    }
    bail!("nothing was sent")
}

/// An id of the same kind that nothing has.
pub fn missing(id: &str) -> String {
    let (prefix, _) = id.split_once('_').unwrap_or((id, ""));
    format!("{prefix}_01HF7YAT00000000000000001A")
}
