//! `messageTemplateUpdates`: without a gap, also across a cursor.

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, on_both_engines};
use serde_json::json;

use super::receipt;

on_both_engines![updates_come_without_a_gap];

const UPDATES: &str = "subscription($after: String) {
    messageTemplateUpdates(after: $after) { cursor deletedId messageTemplate { subject } }
}";

async fn updates_come_without_a_gap(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut live = jackfield.subscribe(UPDATES, json!({})).await?;
    let template = receipt(&owner, None).await?;
    let change = json!({"messageTemplateId": template, "subject": "Thanks"});
    owner
        .succeed("updateMessageTemplate", change, "messageTemplate { id }")
        .await?;
    let id = json!({"messageTemplateId": template});
    owner
        .succeed("deleteMessageTemplate", id, "messageTemplate { id }")
        .await?;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut data = live.next().await?.context("an update")?;
        seen.push(data["messageTemplateUpdates"].take());
    }
    let subjects: Vec<_> = seen
        .iter()
        .map(|update| update["messageTemplate"]["subject"].clone())
        .collect();
    assert_eq!(
        subjects,
        [
            json!("Receipt for {{ trigger.body.name }}"),
            json!("Thanks"),
            json!(null)
        ]
    );
    assert_eq!(seen[2]["deletedId"], template);
    let after = json!({"after": seen[0]["cursor"]});
    let mut again = jackfield.subscribe(UPDATES, after).await?;
    let data = again.next().await?.context("an update")?;
    assert_eq!(data["messageTemplateUpdates"], seen[2]);
    jackfield.finish().await
}
