//! What happens in audiences.

use anyhow::{Result, ensure};
use jackfield_tests::{Engine, Jackfield, Mailchimp, graph, node, node_of_app, on_both_engines};
use serde_json::json;

on_both_engines![somebody_who_subscribes_starts_a_run_once];

async fn somebody_who_subscribes_starts_a_run_once(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let jackfield = Jackfield::with(engine, &["mailchimp"]).await?;
    let owner = jackfield.owner();
    let app = mailchimp.connect(&owner).await?;
    let config = json!({"events": ["subscribe"], "audience": "a1b2c3d4e5"});
    let trigger = node_of_app("told", "mailchimp-event", &app.id, config);
    let values = json!({"values": {"email": "{{ trigger.body.email }}", "name": "{{ trigger.body.data.merges.FNAME }}"}});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    let workflow = owner.publish("Subscribed", definition).await?;
    // Mailchimp asks first whether somebody is there.
    let probe = reqwest::get(&app.hook.url).await?;
    ensure!(probe.status() == 200, "{probe:?}");
    for _ in 0..2 {
        let answer = app.subscribed("bob@example.com", "Bob").await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let forged = app.forged().subscribed("eve@example.com", "Eve").await?;
    ensure!(forged.status == 401, "{forged:?}");
    let another = app.subscribed("ada@example.com", "Ada").await?;
    ensure!(another.status == 200, "{another:?}");
    let runs = owner.ended_runs_of(&workflow, 2).await?;
    let mut names: Vec<_> = runs.iter().map(|run| run["output"].clone()).collect();
    names.sort_by_key(|output| output["name"].to_string());
    assert_eq!(
        names,
        [
            json!({"email": "ada@example.com", "name": "Ada"}),
            json!({"email": "bob@example.com", "name": "Bob"}),
        ]
    );
    assert!(!json!(runs).to_string().contains("secret of the"));
    jackfield.finish().await
}
