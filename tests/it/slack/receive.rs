//! What Slack tells.

use anyhow::Result;
use jackfield_tests::{
    Client, Engine, Jackfield, Slack, SlackApp, Workflow, graph, node, node_of_app, on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![
    the_address_is_verified_as_slack_does,
    messages_start_the_workflows_that_want_them,
    commands_and_interactions_come_to_the_same_address,
    what_slack_has_not_signed_is_not_believed,
];

/// What a message says.
const MESSAGE: &str = "{{ trigger.body.event.text }}";

/// A workflow that starts with such events, and shows them.
async fn listening(owner: &Client, app: &SlackApp, event: &str, text: &str) -> Result<Workflow> {
    let trigger = node_of_app("told", "slack-event", &app.id, json!({"events": [event]}));
    let values = json!({"values": {
        "text": text, "slack": "{{ trigger.event.type }}", "token": "{{ trigger.body.token is defined }}",
    }});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    owner.publish(event, definition).await
}

fn message(id: &str, bot: Option<&str>) -> Value {
    let mut event = json!({
        "type": "message", "channel": "C0123456789", "user": "U0123456780", "text": "When is the next booking?",
        "ts": "1700000000.000100", "event_ts": "1700000000.000100", "channel_type": "channel",
    });
    if let Some(bot) = bot {
        event["bot_id"] = bot.into();
    }
    json!({
        "token": "XXYYZZ", "team_id": "T0123456789", "api_app_id": "A0123456789", "type": "event_callback", "event_id": id,
        "event_time": 1_700_000_000, "event": event,
    })
}

async fn the_address_is_verified_as_slack_does(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = slack.connect(&owner).await?;
    let challenge =
        json!({"token": "XXYYZZ", "type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV"});
    let answer = app.post(&challenge).await?;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.text.contains("3eZbrw1aBm2rZgRNFdxV"), "{answer:?}");
    jackfield.finish().await
}

async fn messages_start_the_workflows_that_want_them(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = slack.connect(&owner).await?;
    let messages = listening(&owner, &app, "message.channels", MESSAGE).await?;
    // Slack sends the first one again, and the second one is the app's own.
    for told in [
        message("Ev1", None),
        message("Ev1", None),
        message("Ev2", Some("B0123456789")),
    ] {
        let answer = app.post(&told).await?;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, ""),
            "{answer:?}"
        );
    }
    let seen = owner.ended_runs_of(&messages, 1).await?;
    assert_eq!(seen.len(), 1, "{seen:#?}");
    assert_eq!(
        seen[0]["output"],
        json!({"text": "When is the next booking?", "slack": "slack.message", "token": false})
    );
    jackfield.finish().await
}

/// A slash command with all the fields that Slack documents for one.
const COMMAND: &[(&str, &str)] = &[
    ("token", "XXYYZZ"),
    ("team_id", "T0123456789"),
    ("team_domain", "acme"),
    ("enterprise_id", "E0123456789"),
    ("enterprise_name", "Acme Holding"),
    ("channel_id", "C0123456789"),
    ("channel_name", "bookings"),
    ("user_id", "U0123456780"),
    ("user_name", "ada"),
    ("command", "/book"),
    ("text", "tomorrow at 10 & a key"),
    (
        "response_url",
        "https://hooks.slack.com/commands/T0123456789/1/2",
    ),
    ("trigger_id", "13345224609.738474920.8088930838d88f008e0"),
    ("api_app_id", "A0123456789"),
];

async fn commands_and_interactions_come_to_the_same_address(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = slack.connect(&owner).await?;
    let interaction = json!({
        "type": "block_actions", "token": "XXYYZZ", "trigger_id": "1.2", "user": {"id": "U0123456780"},
        "actions": [{"type": "button", "action_id": "confirm", "value": "bk_1"}],
    });
    let pressed = form([("payload", interaction.to_string().as_str())]);
    let command = form(COMMAND.iter().copied());
    let value = "{{ trigger.body.actions[0].value }}";
    let interactions = listening(&owner, &app, "interaction", value).await?;
    // Anything in the answer would be shown, so there is nothing.
    for body in [&pressed, &command] {
        let answer = app.post_form(body).await?;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, ""),
            "{answer:?}"
        );
    }
    let config = json!({"events": ["command"], "reply": "On it."});
    let trigger = node_of_app("told", "slack-event", &app.id, config);
    let values = json!({"values": {"text": "{{ trigger.body.text }}", "to": "{{ trigger.body.response_url }}"}});
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    let commands = owner.publish("Book", definition).await?;
    let answer = app.post_form(&command).await?;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(
        answer.json(),
        json!({"response_type": "ephemeral", "text": "On it."})
    );
    let forged = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-slack-request-timestamp", "1700000000"),
        ("x-slack-signature", "v0=00"),
    ];
    assert_eq!(app.hook.post(&forged, command).await?.status, 401);

    let seen = owner.ended_runs_of(&commands, 1).await?;
    let to = "https://hooks.slack.com/commands/T0123456789/1/2";
    assert_eq!(
        seen[0]["output"],
        json!({"text": "tomorrow at 10 & a key", "to": to})
    );
    let seen = owner.ended_runs_of(&interactions, 1).await?;
    assert_eq!(
        seen[0]["output"],
        json!({"text": "bk_1", "slack": "slack.interaction", "token": false})
    );
    jackfield.finish().await
}

fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

async fn what_slack_has_not_signed_is_not_believed(engine: Engine) -> Result<()> {
    let slack = Slack::start().await?;
    let jackfield = Jackfield::with(engine, &["slack"]).await?;
    let owner = jackfield.owner();
    let app = slack.connect(&owner).await?;
    let messages = listening(&owner, &app, "message.*", MESSAGE).await?;
    let body = message("Ev1", None).to_string();
    let forged = [
        ("x-slack-request-timestamp", "1700000000"),
        ("x-slack-signature", "v0=00"),
    ];
    for headers in [&[][..], &forged] {
        let answer = app.hook.post(headers, body.clone()).await?;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    assert_eq!(owner.runs_of(&messages).await?, Vec::<Value>::new());
    jackfield.finish().await
}
