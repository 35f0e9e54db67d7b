//! Every mutation once, and the entries that it leaves.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jackfield_tests::{
    Client, Engine, Jackfield, Postmark, Receiver, Reply, SESSION, SignedIn, graph, node,
    on_both_engines, start_then,
};
use serde_json::{Value, json};

on_both_engines![every_mutation_leaves_an_entry];

/// Mutations that leave none, and why not.
const EXCEPTIONS: [(&str, &str); 13] = [
    (
        "checkConnectedApp",
        "it asks a provider, whose answer is told as an event",
    ),
    (
        "replayInboundRequest",
        "the event that is brought again is its own record",
    ),
    (
        "resealSecrets",
        "it leaves one where a key was changed: tests/it/secret.rs",
    ),
    (
        "verifyResource",
        "it asks a provider, whose answer is told by resourceUpdates",
    ),
    ("createSessionToken", "nothing is stored"),
    ("publishEvent", "the event is its own record"),
    ("publishEvents", "the events are their own record"),
    (
        "refreshSession",
        "the session began with an entry, and ends with one",
    ),
    (
        "sendTestEvent",
        "the event and its delivery are their own record",
    ),
    ("startRun", "the run is its own record"),
    ("testNode", "nothing is stored"),
    ("testWorkflow", "the run is its own record"),
    (
        "resolveStep",
        "a test of its own needs a crash: tests/it/run/uncertain.rs",
    ),
];

/// Calls mutations and keeps what they leave in the log.
struct Walk {
    reader: Client,
    seen: u64,
    called: BTreeSet<String>,
    lines: Vec<String>,
}

impl Walk {
    async fn call(
        &mut self,
        client: &Client,
        mutation: &str,
        input: Value,
        selection: &str,
    ) -> Result<Value> {
        let payload = client.succeed(mutation, input, selection).await?;
        let document =
            "{ auditLog(first: 100) { totalCount nodes { actor { kind } action entityType } } }";
        let log = self.reader.data(document).await?["auditLog"].clone();
        let total = log["totalCount"].as_u64().context("a count")?;
        let new = usize::try_from(total - self.seen)?;
        let entries = log["nodes"].as_array().context("entries")?;
        let texts = entries.iter().take(new).rev().map(|entry| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let actor = text(&entry["actor"]["kind"]);
            format!(
                "{} {} by {actor}",
                text(&entry["entityType"]),
                text(&entry["action"])
            )
        });
        let mut texts: Vec<String> = texts.collect();
        texts.dedup();
        self.lines.push(format!("{mutation}: {}", texts.join(", ")));
        self.called.insert(mutation.to_owned());
        self.seen = total;
        Ok(payload)
    }
}

async fn every_mutation_leaves_an_entry(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::whole(engine).await?;
    let mut walk = Walk {
        reader: jackfield.owner(),
        seen: 1,
        called: BTreeSet::new(),
        lines: Vec::new(),
    };
    keys(&mut walk, &jackfield).await?;
    users(&mut walk, &jackfield).await?;
    event_types(&mut walk, &jackfield.owner()).await?;
    apps(&mut walk, &jackfield.owner()).await?;
    hooks(&mut walk, &jackfield.owner()).await?;
    resources(&mut walk, &jackfield.owner()).await?;
    variables(&mut walk, &jackfield.owner()).await?;
    message_templates(&mut walk, &jackfield.owner()).await?;
    endpoints(&mut walk, &jackfield.owner(), &outside).await?;
    workflows(&mut walk, &jackfield.owner()).await?;
    runs(&mut walk, &jackfield.owner()).await?;
    assert_eq!(walk.lines, LEFT);

    let document = "{ __schema { mutationType { fields { name } } } }";
    let schema = jackfield.owner().data(document).await?;
    let fields = schema["__schema"]["mutationType"]["fields"]
        .as_array()
        .context("mutations")?;
    let all: BTreeSet<_> = fields
        .iter()
        .filter_map(|field| field["name"].as_str())
        .collect();
    let excepted: BTreeSet<_> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    let called: BTreeSet<_> = walk.called.iter().map(String::as_str).collect();
    let tried: BTreeSet<_> = called.union(&excepted).copied().collect();
    assert_eq!(
        tried, all,
        "call what is new, or say why it leaves no entry"
    );
    ensure!(
        called.is_disjoint(&excepted),
        "what is called is no exception"
    );
    jackfield.finish().await
}

async fn keys(walk: &mut Walk, jackfield: &Jackfield) -> Result<()> {
    let owner = jackfield.owner();
    let input = json!({"name": "CI", "role": "EDITOR", "scopes": ["PUBLISH_EVENTS"]});
    let made = walk
        .call(&owner, "createApiKey", input, "apiKey { id }")
        .await?;
    let id = json!({"apiKeyId": made["apiKey"]["id"]});
    walk.call(&owner, "rotateApiKey", id.clone(), "secret")
        .await?;
    walk.call(&owner, "revokeApiKey", id, "apiKey { id }")
        .await?;
    let rules = json!({"schemaMismatch": "WARN"});
    walk.call(&owner, "updateWorkspace", rules, "workspace { id }")
        .await?;
    Ok(())
}

async fn users(walk: &mut Walk, jackfield: &Jackfield) -> Result<()> {
    let (owner, anonymous) = (jackfield.owner(), jackfield.anonymous());
    let invite = json!({"email": "ada@example.com", "role": "OWNER"});
    let invited = walk
        .call(&owner, "inviteUser", invite.clone(), "invitation { id }")
        .await?;
    let id = json!({"invitationId": invited["invitation"]["id"]});
    walk.call(&owner, "revokeInvitation", id, "invitation { id }")
        .await?;
    let invited = walk.call(&owner, "inviteUser", invite, "token").await?;
    let input = json!({"token": invited["token"], "name": "Ada", "password": SignedIn::PASSWORD});
    let ada = walk
        .call(&anonymous, "acceptInvitation", input, SESSION)
        .await?;
    let ada = SignedIn::of(&anonymous, &ada)?;
    let input = json!({"name": "other"});
    let made = walk
        .call(&ada.client, "createWorkspace", input, "workspace { id }")
        .await?;
    let input = json!({"email": "ada@example.com", "password": SignedIn::PASSWORD});
    walk.call(&anonymous, "signIn", input, SESSION).await?;
    // The session is of the other workspace, and so is its entry; the reader sees that of the first.
    let before = walk.lines.len();
    let here = json!({"workspaceId": made["workspace"]["id"]});
    let there = walk
        .call(&ada.client, "switchWorkspace", here, SESSION)
        .await?;
    walk.lines.truncate(before);
    let there = SignedIn::of(&anonymous, &there)?;
    let home = owner.data("{ viewer { workspace { id } } }").await?;
    let back = json!({"workspaceId": home["viewer"]["workspace"]["id"]});
    walk.call(&there.client, "switchWorkspace", back, SESSION)
        .await?;
    let input =
        json!({"currentPassword": SignedIn::PASSWORD, "newPassword": "quite another password"});
    walk.call(&ada.client, "changePassword", input, "__typename")
        .await?;
    let bob = owner.join("bob@example.com", "OWNER").await?;
    walk.seen = total(&walk.reader).await?;
    let id = json!({"userId": bob.id});
    let role = json!({"userId": bob.id, "role": "EDITOR"});
    walk.call(&ada.client, "changeUserRole", role, "user { id }")
        .await?;
    walk.call(&ada.client, "deactivateUser", id.clone(), "user { id }")
        .await?;
    walk.call(&ada.client, "reactivateUser", id, "user { id }")
        .await?;
    let id = json!({"userId": bob.id});
    let made = walk
        .call(&ada.client, "createPasswordReset", id, "token")
        .await?;
    let chosen = json!({"token": made["token"], "password": "a third long password"});
    walk.call(&anonymous, "resetPassword", chosen, SESSION)
        .await?;
    walk.call(&ada.client, "signOut", json!({}), "__typename")
        .await?;
    Ok(())
}

async fn total(client: &Client) -> Result<u64> {
    let log = client.data("{ auditLog { totalCount } }").await?;
    log["auditLog"]["totalCount"].as_u64().context("a count")
}

async fn event_types(walk: &mut Walk, owner: &Client) -> Result<()> {
    let input = json!({"name": "thing.made"});
    let made = walk
        .call(owner, "createEventType", input, "eventType { id }")
        .await?;
    let id = json!({"eventTypeId": made["eventType"]["id"]});
    let update = json!({"eventTypeId": made["eventType"]["id"], "category": "THING"});
    walk.call(owner, "updateEventType", update, "eventType { id }")
        .await?;
    walk.call(owner, "archiveEventType", id.clone(), "eventType { id }")
        .await?;
    walk.call(owner, "unarchiveEventType", id, "eventType { id }")
        .await?;
    walk.call(owner, "importEventTypes", json!({}), "__typename")
        .await?;
    Ok(())
}

async fn apps(walk: &mut Walk, owner: &Client) -> Result<()> {
    let input = json!({"provider": "http", "name": "App", "credentials": {"scheme": "bearer", "token": "tok_1"}});
    let made = walk
        .call(owner, "connectApp", input, "connectedApp { id }")
        .await?;
    let id = &made["connectedApp"]["id"];
    let update = json!({"connectedAppId": id, "name": "Other"});
    walk.call(owner, "updateConnectedApp", update, "connectedApp { id }")
        .await?;
    let off = json!({"connectedAppId": id, "active": false});
    walk.call(owner, "setConnectedAppActive", off, "connectedApp { id }")
        .await?;
    walk.call(
        owner,
        "disconnectApp",
        json!({"connectedAppId": id}),
        "connectedApp { id }",
    )
    .await?;
    let grantor = json!({"provider": "http", "name": "Books", "credentials": {
        "scheme": "oauth2_authorization_code", "authorizeUrl": "https://auth.example.com/", "tokenUrl": "https://auth.example.com/token",
        "clientId": "client", "clientSecret": "secret",
    }});
    let made = owner
        .succeed("connectApp", grantor, "connectedApp { id }")
        .await?;
    walk.seen = total(&walk.reader).await?;
    let id = json!({"connectedAppId": made["connectedApp"]["id"]});
    walk.call(owner, "startOAuth", id, "authorizationUrl")
        .await?;
    let input = json!({"provider": "http", "name": "Next", "credentials": {"scheme": "bearer", "token": "tok_2"}});
    let next = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    walk.seen = total(&walk.reader).await?;
    let id = json!({"connectedAppId": next["connectedApp"]["id"]});
    walk.call(owner, "setDefaultConnectedApp", id, "connectedApp { id }")
        .await?;
    Ok(())
}

async fn hooks(walk: &mut Walk, owner: &Client) -> Result<()> {
    let input = json!({"provider": "http", "name": "Shop", "credentials": {"scheme": "bearer", "token": "tok_1"}});
    let made = owner
        .succeed("connectApp", input, "connectedApp { id }")
        .await?;
    walk.seen = total(&walk.reader).await?;
    let input = json!({"connectedAppId": made["connectedApp"]["id"], "scheme": "stripe"});
    let made = walk
        .call(owner, "createInboundHook", input, "inboundHook { id }")
        .await?;
    let id = &made["inboundHook"]["id"];
    let update = json!({"inboundHookId": id, "secret": "whsec_1"});
    walk.call(owner, "updateInboundHook", update, "inboundHook { id }")
        .await?;
    let secret = json!({"inboundHookId": id, "secret": "whsec_2"});
    walk.call(
        owner,
        "rotateInboundHookSecret",
        secret,
        "inboundHook { id }",
    )
    .await?;
    let token = json!({"inboundHookId": id});
    walk.call(owner, "rotateInboundHookToken", token, "inboundHook { id }")
        .await?;
    Ok(())
}

async fn resources(walk: &mut Walk, owner: &Client) -> Result<()> {
    let postmark = Postmark::start().await?;
    postmark.senders(&[
        ("a@example.com", true),
        ("b@example.com", true),
        ("c@example.com", true),
    ]);
    let app = postmark.connect(owner, "Mail").await?;
    walk.seen = total(&walk.reader).await?;
    let mut made = Vec::new();
    for value in ["a@example.com", "b@example.com"] {
        let input = json!({"connectedAppId": app, "resourceType": "sender_email", "value": value});
        let payload = walk
            .call(owner, "createResource", input, "resource { id }")
            .await?;
        made.push(payload["resource"]["id"].clone());
    }
    let label = json!({"resourceId": made[0], "label": "A"});
    walk.call(owner, "updateResource", label, "resource { id }")
        .await?;
    let second = json!({"resourceId": made[1]});
    walk.call(
        owner,
        "setDefaultResource",
        second.clone(),
        "resource { id }",
    )
    .await?;
    walk.call(owner, "deleteResource", second, "__typename")
        .await?;
    let import = json!({"connectedAppId": app, "resourceType": "sender_email"});
    walk.call(owner, "importResources", import, "__typename")
        .await?;
    Ok(())
}

async fn variables(walk: &mut Walk, owner: &Client) -> Result<()> {
    let input = json!({"name": "vat", "value": 19});
    let made = walk
        .call(owner, "setVariable", input, "variable { id }")
        .await?;
    let id = json!({"variableId": made["variable"]["id"]});
    walk.call(owner, "deleteVariable", id, "variable { id }")
        .await?;
    Ok(())
}

async fn message_templates(walk: &mut Walk, owner: &Client) -> Result<()> {
    let input = json!({"name": "Text", "channel": "SMS", "textBody": "Hi"});
    let made = walk
        .call(
            owner,
            "createMessageTemplate",
            input,
            "messageTemplate { id }",
        )
        .await?;
    let id = json!({"messageTemplateId": made["messageTemplate"]["id"]});
    let mut change = id.clone();
    change["textBody"] = "Hello".into();
    walk.call(owner, "updateMessageTemplate", change, "__typename")
        .await?;
    walk.call(owner, "deleteMessageTemplate", id, "__typename")
        .await?;
    Ok(())
}

async fn endpoints(walk: &mut Walk, owner: &Client, outside: &Receiver) -> Result<()> {
    outside.answer("/in", [Reply::default().after(Duration::from_millis(100))]);
    let events: Vec<_> = (0..900)
        .map(|number| json!({"type": "thing.made", "data": {"number": number}}))
        .collect();
    owner
        .succeed("publishEvents", json!({"events": events}), "events { id }")
        .await?;
    let input = json!({"url": outside.url("/in")});
    let made = walk
        .call(
            owner,
            "createWebhookEndpoint",
            input,
            "webhookEndpoint { id }",
        )
        .await?;
    let id = &made["webhookEndpoint"]["id"];
    let which = json!({"webhookEndpointId": id});
    let update = json!({"webhookEndpointId": id, "name": "Out"});
    walk.call(
        owner,
        "updateWebhookEndpoint",
        update,
        "webhookEndpoint { id }",
    )
    .await?;
    walk.call(owner, "rotateWebhookSecret", which.clone(), "secret")
        .await?;
    let tested = owner
        .succeed("sendTestEvent", which.clone(), "delivery { id }")
        .await?;
    let delivery = &tested["delivery"]["id"];
    let document = "query($id: ID!) { delivery(id: $id) { status } }";
    for _ in 0..200 {
        let found = owner.data_with(document, json!({"id": delivery})).await?;
        if found["delivery"]["status"] == "SUCCEEDED" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    walk.call(
        owner,
        "resendDelivery",
        json!({"deliveryId": delivery}),
        "delivery { id }",
    )
    .await?;
    let begun = walk
        .call(owner, "replayEvents", which.clone(), "replay { id }")
        .await?;
    let replay = json!({"replayId": begun["replay"]["id"]});
    walk.call(owner, "pauseReplay", replay.clone(), "replay { id }")
        .await?;
    walk.call(owner, "resumeReplay", replay.clone(), "replay { id }")
        .await?;
    walk.call(owner, "cancelReplay", replay, "replay { id }")
        .await?;
    walk.call(owner, "deleteWebhookEndpoint", which, "__typename")
        .await?;
    Ok(())
}

async fn workflows(walk: &mut Walk, owner: &Client) -> Result<()> {
    let note = || start_then(node("note", "debug", json!({"message": "seen"})));
    let input = json!({"name": "Note", "definition": note()});
    let made = walk
        .call(
            owner,
            "createWorkflow",
            input,
            "workflow { id draft { file } }",
        )
        .await?;
    let id = &made["workflow"]["id"];
    let which = json!({"workflowId": id});
    let other = start_then(node("note", "debug", json!({"message": "seen again"})));
    let save = json!({"workflowId": id, "name": "Notes", "definition": other});
    walk.call(owner, "saveWorkflow", save, "workflow { id }")
        .await?;
    walk.call(owner, "publishWorkflow", which.clone(), "workflow { id }")
        .await?;
    let pin = json!({"workflowId": id, "nodeKey": "note", "output": {}});
    walk.call(owner, "pinNode", pin, "workflow { id }").await?;
    let unpin = json!({"workflowId": id, "nodeKey": "note"});
    walk.call(owner, "unpinNode", unpin, "workflow { id }")
        .await?;
    let restore = json!({"workflowId": id, "number": 1});
    walk.call(owner, "restoreWorkflowVersion", restore, "workflow { id }")
        .await?;
    walk.call(owner, "unpublishWorkflow", which.clone(), "workflow { id }")
        .await?;
    let file = made["workflow"]["draft"]["file"]
        .as_str()
        .context("a file")?;
    let import = json!({"file": file, "name": "Imported"});
    walk.call(owner, "importWorkflow", import, "workflow { id }")
        .await?;
    let apply = json!({"file": file.replace("Note", "Applied"), "publish": true});
    walk.call(owner, "applyWorkflow", apply, "__typename")
        .await?;
    walk.call(owner, "deleteWorkflow", which, "__typename")
        .await?;
    Ok(())
}

async fn runs(walk: &mut Walk, owner: &Client) -> Result<()> {
    let nodes = [
        node("start", "manual", json!({})),
        node("ask", "approval", json!({"message": "Go?"})),
    ];
    let workflow = owner
        .publish("Ask", graph(nodes, &["start -> ask"]))
        .await?;
    walk.seen = total(&walk.reader).await?;
    let first = owner.start_run(&workflow, json!({})).await?;
    let step = owner.reached(&first, "ask", "WAITING").await?;
    let decide = json!({"stepId": step["id"], "decision": "APPROVED"});
    walk.call(owner, "decideApproval", decide, "step { id }")
        .await?;
    owner.ended(&first).await?;
    let again = walk
        .call(owner, "rerun", json!({"runId": first}), "run { id }")
        .await?;
    let again = again["run"]["id"].as_str().context("a run")?;
    owner.reached(again, "ask", "WAITING").await?;
    walk.call(owner, "cancelRun", json!({"runId": again}), "run { id }")
        .await?;
    owner.ended(again).await?;
    let many = json!({"filter": {"workflowId": workflow.id, "status": "CANCELLED"}});
    walk.call(owner, "rerunMany", many, "__typename").await?;
    for run in owner.runs_of(&workflow).await? {
        if run["status"] != "SUCCEEDED" && run["status"] != "CANCELLED" {
            let id = run["id"].as_str().context("a run")?;
            owner
                .succeed("cancelRun", json!({"runId": id}), "run { id }")
                .await?;
            owner.ended(id).await?;
        }
    }
    Ok(())
}

/// What each call leaves. Entries that are alike show once.
const LEFT: &[&str] = &[
    "createApiKey: apiKey created by API_KEY",
    "rotateApiKey: apiKey rotated by API_KEY",
    "revokeApiKey: apiKey revoked by API_KEY",
    "updateWorkspace: workspace updated by API_KEY",
    "inviteUser: invitation created by API_KEY",
    "revokeInvitation: invitation revoked by API_KEY",
    "inviteUser: invitation created by API_KEY",
    "acceptInvitation: user created by USER, invitation accepted by USER, user created by USER, session created by USER",
    "createWorkspace: workspace created by USER, user created by USER",
    "signIn: session created by USER",
    "switchWorkspace: session created by USER",
    "changePassword: user changedPassword by USER",
    "changeUserRole: user changedRole by USER",
    "deactivateUser: user deactivated by USER",
    "reactivateUser: user reactivated by USER",
    "createPasswordReset: user offeredPasswordReset by USER",
    "resetPassword: user resetPassword by USER, session created by USER",
    "signOut: session ended by USER",
    "createEventType: eventType created by API_KEY",
    "updateEventType: eventType updated by API_KEY",
    "archiveEventType: eventType updated by API_KEY",
    "unarchiveEventType: eventType updated by API_KEY",
    "importEventTypes: eventType created by API_KEY",
    "connectApp: connectedApp created by API_KEY",
    "updateConnectedApp: connectedApp updated by API_KEY",
    "setConnectedAppActive: connectedApp updated by API_KEY",
    "disconnectApp: connectedApp deleted by API_KEY",
    "startOAuth: connectedApp askedForAccess by API_KEY",
    "setDefaultConnectedApp: connectedApp updated by API_KEY",
    "createInboundHook: inboundHook created by API_KEY",
    "updateInboundHook: inboundHook updated by API_KEY",
    "rotateInboundHookSecret: inboundHook updated by API_KEY",
    "rotateInboundHookToken: inboundHook updated by API_KEY",
    "createResource: resource created by API_KEY, resource updated by API_KEY",
    "createResource: resource created by API_KEY",
    "updateResource: resource updated by API_KEY",
    "setDefaultResource: resource updated by API_KEY",
    "deleteResource: resource deleted by API_KEY, resource updated by API_KEY",
    "importResources: resource created by API_KEY",
    "setVariable: variable created by API_KEY",
    "deleteVariable: variable deleted by API_KEY",
    "createMessageTemplate: messageTemplate created by API_KEY",
    "updateMessageTemplate: messageTemplate updated by API_KEY",
    "deleteMessageTemplate: messageTemplate deleted by API_KEY",
    "createWebhookEndpoint: webhookEndpoint created by API_KEY",
    "updateWebhookEndpoint: webhookEndpoint updated by API_KEY",
    "rotateWebhookSecret: webhookEndpoint rotatedSecret by API_KEY",
    "resendDelivery: delivery resent by API_KEY",
    "replayEvents: replay created by API_KEY",
    "pauseReplay: replay updated by API_KEY",
    "resumeReplay: replay updated by API_KEY",
    "cancelReplay: replay updated by API_KEY",
    "deleteWebhookEndpoint: webhookEndpoint deleted by API_KEY",
    "createWorkflow: workflow created by API_KEY",
    "saveWorkflow: workflow saved by API_KEY",
    "publishWorkflow: workflow published by API_KEY",
    "pinNode: workflow pinned by API_KEY",
    "unpinNode: workflow unpinned by API_KEY",
    "restoreWorkflowVersion: workflow saved by API_KEY",
    "unpublishWorkflow: workflow unpublished by API_KEY",
    "importWorkflow: workflow created by API_KEY",
    "applyWorkflow: workflow created by API_KEY, workflow published by API_KEY",
    "deleteWorkflow: workflow deleted by API_KEY",
    "decideApproval: run decided by API_KEY",
    "rerun: run rerun by API_KEY",
    "cancelRun: run cancelled by API_KEY",
    "rerunMany: run rerun by API_KEY",
];
