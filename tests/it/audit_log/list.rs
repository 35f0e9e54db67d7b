//! What the log shows, to whom, and for how long.

use anyhow::Result;
use jackfield_tests::{Client, Engine, Jackfield, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    an_entry_says_who_has_changed_what,
    entries_are_found_by_who_what_and_when,
    nothing_secret_is_recorded,
    what_fails_leaves_no_entry,
];

const LOG: &str = "query($filter: AuditLogFilter, $first: Int, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id at actor { id kind name } action entityType entityId before after }
    }
}";

async fn log(client: &Client, filter: Value) -> Result<Value> {
    let data = client.data_with(LOG, json!({"filter": filter})).await?;
    Ok(data["auditLog"].clone())
}

async fn an_entry_says_who_has_changed_what(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let ada = jackfield.owner().join("ada@example.com", "EDITOR").await?;
    let input = json!({"name": "invoice.paid", "category": "INVOICE"});
    let made = ada
        .client
        .succeed("createEventType", input, "eventType { id }")
        .await?;
    let id = &made["eventType"]["id"];
    let input = json!({"eventTypeId": id, "category": "PAYMENT"});
    ada.client
        .succeed("updateEventType", input, "eventType { id }")
        .await?;
    let found = log(&jackfield.owner(), json!({"entity": id})).await?;
    let entries = found["nodes"].as_array().cloned().unwrap_or_default();
    let shown = |category: &str| {
        json!({
            "name": "invoice.paid", "category": category, "description": "", "version": 1, "schema": null,
            "example": null, "archivedAt": null,
        })
    };
    let by = json!({"id": ada.id, "kind": "USER", "name": "ada@example.com"});
    let changes = [
        ("updated", shown("INVOICE"), shown("PAYMENT")),
        ("created", Value::Null, shown("INVOICE")),
    ];
    assert_eq!(entries.len(), changes.len());
    for (entry, (action, before, after)) in entries.iter().zip(changes) {
        let expected = json!({
            "id": entry["id"], "at": entry["at"], "actor": by, "action": action, "entityType": "eventType",
            "entityId": id, "before": before, "after": after,
        });
        assert_eq!(*entry, expected);
    }
    let document = "query($id: ID!) { node(id: $id) { id ... on AuditEntry { action } } }";
    let node = jackfield
        .owner()
        .data_with(document, json!({"id": entries[0]["id"]}))
        .await?;
    assert_eq!(
        node["node"],
        json!({"id": entries[0]["id"], "action": "updated"})
    );
    // An editor changes things and does not see who has.
    for document in [
        "{ auditLog { totalCount } }",
        "{ users { totalCount } }",
        "{ invitations { totalCount } }",
    ] {
        let answer = ada.client.send(document, json!({})).await?;
        assert_eq!(
            answer.body["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{document}"
        );
    }
    jackfield.finish().await
}

async fn entries_are_found_by_who_what_and_when(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let ada = owner.join("ada@example.com", "EDITOR").await?;
    for name in ["a.made", "b.made", "c.made"] {
        ada.client
            .succeed("createEventType", json!({"name": name}), "eventType { id }")
            .await?;
    }
    owner
        .succeed(
            "createEventType",
            json!({"name": "d.made"}),
            "eventType { id }",
        )
        .await?;
    let count = async |filter: Value| {
        Ok::<_, anyhow::Error>(log(&owner, filter).await?["totalCount"].clone())
    };
    assert_eq!(count(json!({"entityType": "eventType"})).await?, 4);
    assert_eq!(
        count(json!({"entityType": "eventType", "actor": ada.id})).await?,
        3
    );
    assert_eq!(
        count(json!({"actor": "key_01HF7YAT00000000000000001A"})).await?,
        0
    );
    let of_types = log(&owner, json!({"entityType": "eventType"})).await?;
    let third = &of_types["nodes"][1]["at"];
    assert_eq!(
        count(json!({"entityType": "eventType", "since": third})).await?,
        2
    );
    assert_eq!(
        count(json!({"entityType": "eventType", "until": third})).await?,
        2
    );
    // Page by page it is the same.
    let (mut after, mut names) = (Value::Null, Vec::new());
    loop {
        let variables = json!({"filter": {"entityType": "eventType"}, "first": 3, "after": after});
        let page = owner.data_with(LOG, variables).await?["auditLog"].clone();
        let nodes = page["nodes"].as_array().cloned().unwrap_or_default();
        names.extend(nodes.iter().map(|entry| {
            entry["after"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        }));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(names, ["d.made", "c.made", "b.made", "a.made"]);
    jackfield.finish().await
}

async fn nothing_secret_is_recorded(engine: Engine) -> Result<()> {
    const SECRETS: [&str; 5] = [
        "canary-token-1",
        "canary-token-2",
        "canary-password-3",
        "canary-header-4",
        "canary-password-5",
    ];
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = json!({"provider": "http", "name": "App", "credentials": {"scheme": "bearer", "token": SECRETS[0]}});
    let app = owner
        .succeed("connectApp", app, "connectedApp { id }")
        .await?;
    let update = json!({"connectedAppId": app["connectedApp"]["id"], "credentials": {"scheme": "bearer", "token": SECRETS[1]}});
    owner
        .succeed("updateConnectedApp", update, "connectedApp { id }")
        .await?;
    let endpoint = json!({"url": "http://127.0.0.1:9/in", "options": {
        "authentication": {"basic": {"username": "shop", "password": SECRETS[2]}},
        "customHeaders": [{"name": "x-key", "value": SECRETS[3]}],
    }});
    let endpoint = owner
        .succeed(
            "createWebhookEndpoint",
            endpoint,
            "webhookEndpoint { id } secret",
        )
        .await?;
    let signing = endpoint["secret"].as_str().unwrap_or("?").to_owned();
    let ada = owner.join("ada@example.com", "EDITOR").await?;
    let change =
        json!({"currentPassword": jackfield_tests::SignedIn::PASSWORD, "newPassword": SECRETS[4]});
    ada.client
        .succeed("changePassword", change, "__typename")
        .await?;
    let key = owner
        .succeed(
            "createApiKey",
            json!({"name": "CI", "role": "VIEWER"}),
            "secret",
        )
        .await?;
    let all = log(&owner, json!({})).await?;
    let text = all.to_string();
    let more = [
        signing,
        key["secret"].as_str().unwrap_or("?").to_owned(),
        ada.token,
        ada.refresh_token,
    ];
    for secret in SECRETS
        .iter()
        .copied()
        .chain(more.iter().map(String::as_str))
    {
        assert!(!text.contains(secret), "{secret} is in {all:#}");
    }
    for what in ["argon2", "jackfield_inv_", "jackfield_rt_", "tok_"] {
        assert!(!text.contains(what), "{what} is in {all:#}");
    }
    jackfield.finish().await
}

async fn what_fails_leaves_no_entry(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    owner
        .succeed(
            "createEventType",
            json!({"name": "a.made"}),
            "eventType { id }",
        )
        .await?;
    let before = log(&owner, json!({})).await?["totalCount"].clone();
    let payload = owner
        .mutate(
            "createEventType",
            json!({"name": "a.made"}),
            "eventType { id }",
        )
        .await?;
    assert_eq!(payload["userErrors"][0]["code"], "TAKEN");
    let unknown = json!({"webhookEndpointId": "wh_01HF7YAT00000000000000001A"});
    owner
        .mutate("deleteWebhookEndpoint", unknown, "__typename")
        .await?;
    assert_eq!(log(&owner, json!({})).await?["totalCount"], before);
    jackfield.finish().await
}
