//! What becomes of mails.

use anyhow::{Result, ensure};
use jackfield_tests::{
    Client, Engine, Jackfield, SendGrid, SendGridApp, Workflow, graph, node, node_of_app,
    on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![
    each_event_of_a_request_starts_its_workflows,
    what_sendgrid_has_not_signed_is_not_believed,
];

/// A workflow that starts with these events, and shows them.
async fn listening(owner: &Client, app: &SendGridApp, events: &[&str]) -> Result<Workflow> {
    let trigger = node_of_app("told", "sendgrid-event", &app.id, json!({"events": events}));
    let values = json!({"values": {"email": "{{ trigger.body.email }}", "booking": "{{ trigger.body.booking }}"}});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    owner.publish(events[0], definition).await
}

fn events() -> Value {
    json!([
        {"email": "ada@example.com", "timestamp": 1_700_000_000, "event": "delivered", "sg_event_id": "e1", "sg_message_id": "m1.f", "booking": "bk_1"},
        {"email": "bob@example.com", "timestamp": 1_700_000_001, "event": "bounce", "sg_event_id": "e2", "sg_message_id": "m2.f", "booking": "bk_2"},
    ])
}

async fn each_event_of_a_request_starts_its_workflows(engine: Engine) -> Result<()> {
    let sendgrid = SendGrid::start(&[]).await?;
    let jackfield = Jackfield::with(engine, &["sendgrid"]).await?;
    let owner = jackfield.owner();
    let app = sendgrid.connect(&owner).await?;
    let bounced = listening(&owner, &app, &["bounce", "spamreport"]).await?;
    let delivered = listening(&owner, &app, &["delivered"]).await?;
    for _ in 0..2 {
        let answer = sendgrid.post(&app, &events()).await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    for (workflow, email, booking) in [(&bounced, "bob", "bk_2"), (&delivered, "ada", "bk_1")] {
        let runs = owner.ended_runs_of(workflow, 1).await?;
        assert_eq!(runs.len(), 1);
        assert_eq!(
            runs[0]["output"],
            json!({"email": format!("{email}@example.com"), "booking": booking})
        );
    }
    jackfield.finish().await
}

async fn what_sendgrid_has_not_signed_is_not_believed(engine: Engine) -> Result<()> {
    let sendgrid = SendGrid::start(&[]).await?;
    let other = SendGrid::start(&[]).await?;
    let jackfield = Jackfield::with(engine, &["sendgrid"]).await?;
    let owner = jackfield.owner();
    let app = sendgrid.connect(&owner).await?;
    let bounced = listening(&owner, &app, &["bounce"]).await?;
    let unsigned = app.hook.post_json(&events()).await?;
    let forged = other.post(&app, &events()).await?;
    assert_eq!(
        (unsigned.status, forged.status),
        (401, 401),
        "{unsigned:?} {forged:?}"
    );
    assert_eq!(owner.runs_of(&bounced).await?, Vec::<Value>::new());
    jackfield.finish().await
}
