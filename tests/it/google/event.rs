//! What the channels of an account tell.

use anyhow::Result;
use jackfield_tests::{
    Engine, Google, HookAnswer, InboundHook, Jackfield, graph, node, node_of_app, on_both_engines,
};
use serde_json::json;

on_both_engines![a_change_of_a_calendar_starts_a_workflow];

async fn notify(hook: &InboundHook, token: &str, state: &str, number: &str) -> Result<HookAnswer> {
    let headers = [
        ("x-goog-channel-id", "channel-1"),
        ("x-goog-channel-token", token),
        ("x-goog-message-number", number),
        ("x-goog-resource-id", "o3hgv1538sdjfh"),
        ("x-goog-resource-state", state),
        (
            "x-goog-resource-uri",
            "https://www.googleapis.com/calendar/v3/calendars/primary/events?alt=json",
        ),
    ];
    hook.post(&headers, "").await
}

async fn a_change_of_a_calendar_starts_a_workflow(engine: Engine) -> Result<()> {
    let google = Google::start().await?;
    let jackfield = Jackfield::with(engine, &["google"]).await?;
    let owner = jackfield.owner();
    let app = google.connect(&owner).await?;
    let hook = google.hook_of(&owner, &app).await?;
    let trigger = node_of_app("told", "google-event", &app, json!({"events": ["exists"]}));
    let values =
        json!({"values": {"told": "{{ trigger.body }}", "type": "{{ trigger.event.type }}"}});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    let workflow = owner.publish("Changed", definition).await?;

    let mut statuses = Vec::new();
    let token = Google::CHANNEL_TOKEN;
    for (token, state, number) in [
        (token, "sync", "1"),
        (token, "exists", "2"),
        (token, "exists", "2"),
        ("guessed", "exists", "3"),
        (token, "not_exists", "4"),
    ] {
        let answer = notify(&hook, token, state, number).await?;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 200, 401, 200]);
    let runs = owner.ended_runs_of(&workflow, 1).await?;
    assert_eq!(runs.len(), 1, "{runs:#?}");
    let seen = &runs[0]["output"];
    assert_eq!(seen["type"], "google.exists", "{seen:#}");
    assert_eq!(
        (&seen["told"]["event"], &seen["told"]["messageNumber"]),
        (&json!("exists"), &json!("2")),
        "{seen:#}"
    );
    jackfield.finish().await
}
