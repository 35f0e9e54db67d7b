use jackfield_plugin_sdk::testing;

use super::*;

const SAMPLE: &str = include_str!("sample.json");

fn receive(config: Value, content_type: &str, body: &str) -> Value {
    accepted(config, content_type, body)["events"].take()
}

fn accepted(config: Value, content_type: &str, body: &str) -> Value {
    let headers = [
        ("Content-Type", content_type),
        ("X-Slack-Signature", "v0=b52c"),
    ];
    let at = ("POST", "https://jackfield.example/hooks/1");
    testing::plugin(crate::plugin())
        .receive("slack-event", config, at, &headers, body.as_bytes())
        .connected_app("slack", &json!({}))
        .run()
        .output()["accepted"]
        .take()
}

/// How many runs the sample starts with this different of it.
fn starts(config: Value, event: Value) -> usize {
    let mut body: Value = serde_json::from_str(SAMPLE).unwrap();
    for (name, value) in event.as_object().into_iter().flatten() {
        body["event"][name] = value.clone();
    }
    let events = receive(config, "application/json", &body.to_string());
    events.as_array().unwrap().len()
}

#[test]
fn a_run_gets_what_slack_sends() {
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let mut body = sample.clone();
    body["token"] = "XXYYZZ".into();
    let events = receive(json!({}), "application/json", &body.to_string());
    assert_eq!(
        events,
        json!([{"dedupeKey": "Ev0123456789", "type": "message", "data": sample}])
    );
}

#[test]
fn only_chosen_events_start_a_run() {
    for (wanted, count) in [
        ("message", 1),
        ("message.channels", 1),
        ("message.*", 1),
        ("*", 1),
        ("message.im", 0),
        ("app_mention", 0),
    ] {
        let config = json!({"events": [wanted]});
        assert_eq!(starts(config, json!({})), count, "{wanted}");
    }
    let direct = json!({"channel_type": "im"});
    assert_eq!(starts(json!({"events": ["message.im"]}), direct.clone()), 1);
    assert_eq!(starts(json!({"events": ["message.channels"]}), direct), 0);
    let mention = json!({"type": "app_mention"});
    assert_eq!(
        starts(
            json!({"events": ["reaction_added", "app_mention"]}),
            mention
        ),
        1
    );
}

#[test]
fn only_chosen_channels_start_a_run() {
    let here = || json!({"channels": ["C0123456780", "C0123456789"]});
    assert_eq!(starts(here(), json!({})), 1);
    assert_eq!(starts(here(), json!({"channel": "C0123456781"})), 0);
    let reaction = json!({"type": "reaction_added", "channel": null, "item": {"type": "message", "channel": "C0123456789"}});
    assert_eq!(starts(here(), reaction), 1);
    let created =
        json!({"type": "channel_created", "channel": {"id": "C0123456789", "name": "job-12"}});
    assert_eq!(starts(here(), created), 1);
    assert_eq!(
        starts(here(), json!({"type": "team_join", "channel": null})),
        0
    );
}

#[test]
fn an_app_does_not_hear_itself() {
    let own = json!({"bot_id": "B0123456789"});
    assert_eq!(starts(json!({}), own.clone()), 0);
    assert_eq!(starts(json!({"fromBots": true}), own), 1);
    // What it reacts with has no bot, but its user.
    assert_eq!(
        starts(
            json!({}),
            json!({"type": "reaction_added", "user": "U0123456789"})
        ),
        0
    );
}

#[test]
fn what_became_of_a_message_is_no_message() {
    let changed = json!({"subtype": "message_changed", "message": {"text": "…"}});
    assert_eq!(starts(json!({}), changed.clone()), 0);
    assert_eq!(starts(json!({"changes": true}), changed), 1);
    assert_eq!(starts(json!({}), json!({"subtype": "channel_join"})), 0);
    assert_eq!(starts(json!({}), json!({"subtype": "file_share"})), 1);
}

#[test]
fn commands_and_interactions_start_runs() {
    let form = "application/x-www-form-urlencoded";
    let command = "token=XXYYZZ&command=%2Fbook&text=tomorrow+at+10&channel_id=C0123456789&trigger_id=13345224609.738474920";
    let config = json!({"events": ["command"], "channels": ["C0123456789"]});
    assert_eq!(
        receive(config, form, command),
        json!([{"dedupeKey": "13345224609.738474920", "type": "command", "data": {
            "command": "/book", "text": "tomorrow at 10", "channel_id": "C0123456789", "trigger_id": "13345224609.738474920",
        }}])
    );
    let interaction = "payload=%7B%22type%22%3A%22view_closed%22%2C%22token%22%3A%22XXYYZZ%22%7D";
    assert_eq!(
        receive(json!({"events": ["interaction"]}), form, interaction),
        json!([{"dedupeKey": "v0=b52c", "type": "interaction", "data": {"type": "view_closed"}}])
    );
    assert_eq!(
        receive(json!({"events": ["command"]}), form, interaction),
        json!([])
    );
}

#[test]
fn whoever_types_a_command_is_answered() {
    let form = "application/x-www-form-urlencoded";
    let config = json!({"events": ["command"], "reply": "On it."});
    let answered = accepted(config.clone(), form, "command=%2Fbook&trigger_id=1.2");
    assert_eq!(
        answered["respond"],
        json!({
            "status": 200, "headers": [["content-type", "application/json"]],
            "body": r#"{"response_type":"ephemeral","text":"On it."}"#,
        })
    );
    // To Slack an answer to a dialog or an event is something else.
    let interaction = "payload=%7B%22type%22%3A%22view_submission%22%7D";
    let any = json!({"reply": "On it."});
    for (config, kind, body) in [
        (any.clone(), form, interaction),
        (any, "application/json", SAMPLE),
        (
            json!({"events": ["message"], "reply": "On it."}),
            form,
            "command=%2Fbook",
        ),
        (json!({}), form, "command=%2Fbook"),
    ] {
        assert_eq!(
            accepted(config, kind, body)["respond"],
            Value::Null,
            "{body}"
        );
    }
}

#[test]
fn what_carries_no_event_starts_nothing() {
    let limited = r#"{"type": "app_rate_limited", "minute_rate_limited": 1518467820}"#;
    assert_eq!(receive(json!({}), "application/json", limited), json!([]));
}

#[test]
fn events_are_found_by_a_part_of_their_name() {
    let names: Vec<&str> = TYPES.lines().collect();
    for (name, _) in EVENT_TYPES {
        let is_event = names.contains(name) || ["command", "interaction"].contains(name);
        assert!(is_event, "Slack has no event {name}");
    }
    let query = json!({"source": "events", "search": "message."});
    let stage = testing::plugin(crate::plugin()).options("slack-event", "events", json!({}));
    let loaded = stage.input(&query).run().output();
    let found: Vec<&str> = loaded["options"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|option| option["value"].as_str())
        .collect();
    assert_eq!(
        found,
        [
            "message.channels",
            "message.groups",
            "message.im",
            "message.mpim",
            "message.*"
        ]
    );
}
