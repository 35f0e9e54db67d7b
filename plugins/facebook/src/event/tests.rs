use jackfield_plugin_sdk::testing;

use super::*;

fn receive(config: Value, body: &Value) -> Value {
    let at = ("POST", "https://jackfield.example/hooks/1");
    let headers = [("Content-Type", "application/json")];
    let stage = testing::plugin(crate::plugin());
    let body = body.to_string();
    let stage = stage.receive("facebook-event", config, at, &headers, body.as_bytes());
    let ran = stage.connected_app("facebook", &json!({})).run();
    ran.output()["accepted"]["events"].clone()
}

fn page(messaging: &Value) -> Value {
    json!({"object": "page", "entry": [{"id": "104711", "time": 1_764_300_000_123_i64, "messaging": messaging}]})
}

fn with_sender(more: Value) -> Value {
    let mut one = json!({"sender": {"id": "2468013579"}, "recipient": {"id": "104711"}, "timestamp": 1_764_300_000_000_i64});
    for (name, value) in more.as_object().into_iter().flatten() {
        one[name] = value.clone();
    }
    one
}

fn feed(value: &Value) -> Value {
    let changes = json!([{"field": "feed", "value": value}]);
    json!({"object": "page", "entry": [{"id": "104711", "time": 1_764_300_000, "changes": changes}]})
}

fn whatsapp(value: Value) -> Value {
    let mut whole = json!({
        "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
    });
    for (name, value) in value.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    let changes = json!([{"field": "messages", "value": whole}]);
    json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]})
}

fn message(more: Value) -> Value {
    let mut one = json!({"from": "16505551234", "id": "wamid.1", "timestamp": "1749416383"});
    for (name, value) in more.as_object().into_iter().flatten() {
        one[name] = value.clone();
    }
    let contacts = json!([{"profile": {"name": "Sheena Nelson"}, "wa_id": "16505551234"}]);
    whatsapp(json!({"contacts": contacts, "messages": [one]}))
}

#[test]
fn a_message_of_messenger_is_told_whole() {
    let one = with_sender(json!({"message": {"mid": "m_1", "text": "Are you open?"}}));
    assert_eq!(
        receive(
            json!({"events": ["messenger.message_received"], "account": "104711"}),
            &page(&json!([one]))
        ),
        json!([{
            "dedupeKey": "104711:m_1", "type": "messenger.message_received", "occurredAt": "2025-11-28T03:20:00Z",
            "data": {
                "event": "messenger.message_received", "id": "m_1", "contact": "2468013579", "name": null, "text": "Are you open?",
                "account": "104711", "data": one,
            },
        }])
    );
}

#[test]
fn what_becomes_of_messages_of_messenger_is_told() {
    let told = receive(
        json!({}),
        &page(&json!([
            with_sender(json!({"postback": {"mid": "m_2", "title": "Book", "payload": "BOOK"}})),
            with_sender(json!({"postback": {"title": "Start", "payload": "START"}})),
            with_sender(json!({"delivery": {"mids": ["m_3"], "watermark": 1_764_300_000_001_i64}})),
            with_sender(json!({"read": {"watermark": 1_764_300_000_002_i64}})),
            with_sender(json!({"message": {"mid": "m_4", "text": "Hello", "is_echo": true}})),
            with_sender(json!({"optin": {"type": "notification_messages"}})),
        ])),
    );
    let events = told.as_array().unwrap().iter();
    let short: Vec<Value> = events
        .map(|event| json!([event["type"], event["dedupeKey"], event["data"]["text"]]))
        .collect();
    assert_eq!(
        short,
        [
            json!(["messenger.postback_received", "104711:m_2", "Book"]),
            json!([
                "messenger.postback_received",
                "104711:postback:2468013579:1764300000000",
                "Start"
            ]),
            json!([
                "messenger.message_delivered",
                "104711:delivered:2468013579:1764300000001",
                null
            ]),
            json!([
                "messenger.message_read",
                "104711:read:2468013579:1764300000002",
                null
            ]),
        ]
    );
}

#[test]
fn what_happens_on_a_page_is_told() {
    let comment = json!({
        "item": "comment", "verb": "add", "comment_id": "104711_1_2", "post_id": "104711_1", "from": {"id": "24", "name": "Ada"},
        "message": "How much is it?", "created_time": 1_764_300_000,
    });
    let told = &receive(json!({}), &feed(&comment))[0];
    assert_eq!(told["type"], "page.feed_changed");
    assert_eq!(
        told["dedupeKey"],
        "104711:comment:add:104711_1_2:24:1764300000"
    );
    assert_eq!(told["occurredAt"], "2025-11-28T03:20:00Z");
    assert_eq!(told["data"]["name"], "Ada");
    assert_eq!(told["data"]["text"], "How much is it?");
    let lead = json!({"leadgen_id": "444", "form_id": "555", "page_id": "104711", "created_time": 1_764_300_000});
    let changes = json!([{"field": "leadgen", "value": lead}, {"field": "picture", "value": {}}]);
    let body = json!({"object": "page", "entry": [{"id": "104711", "time": 1_764_300_000, "changes": changes}]});
    let told = receive(json!({}), &body);
    assert_eq!(told.as_array().unwrap().len(), 1);
    assert_eq!(told[0]["dedupeKey"], "104711:lead:444");
    assert_eq!(told[0]["data"]["id"], "444");
}

/// As Meta's documentation shows it.
#[test]
fn a_message_of_whatsapp_is_told_whole() {
    let body = message(json!({"type": "text", "text": {"body": "Does it come in another color?"}}));
    let data = &body["entry"][0]["changes"][0]["value"]["messages"][0];
    assert_eq!(
        receive(
            json!({"events": ["whatsapp.message_received"], "account": "106540352242922"}),
            &body
        ),
        json!([{
            "dedupeKey": "wamid.1", "type": "whatsapp.message_received", "occurredAt": "2025-06-08T20:59:43Z",
            "data": {
                "event": "whatsapp.message_received", "id": "wamid.1", "contact": "+16505551234", "name": "Sheena Nelson",
                "text": "Does it come in another color?", "account": "106540352242922", "data": data,
            },
        }])
    );
}

#[test]
fn whatever_a_message_of_whatsapp_is_it_says_something() {
    let says =
        |message_is: Value| receive(json!({}), &message(message_is))[0]["data"]["text"].clone();
    let reply = json!({"type": "list_reply", "list_reply": {"id": "1", "title": "Monday"}});
    let button =
        json!({"type": "button_reply", "button_reply": {"id": "1", "title": "Yes, please"}});
    for (message_is, says_this) in [
        (
            json!({"type": "interactive", "interactive": reply}),
            json!("Monday"),
        ),
        (
            json!({"type": "interactive", "interactive": button}),
            json!("Yes, please"),
        ),
        (
            json!({"type": "button", "button": {"payload": "1", "text": "Confirm"}}),
            json!("Confirm"),
        ),
        (
            json!({"type": "image", "image": {"id": "1", "caption": "The stain"}}),
            json!("The stain"),
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.0", "emoji": "👍"}}),
            json!("👍"),
        ),
        (json!({"type": "audio", "audio": {"id": "1"}}), Value::Null),
    ] {
        assert_eq!(says(message_is), says_this);
    }
}

#[test]
fn somebody_without_a_number_is_known_by_an_id() {
    let own = "US.13491208655302741918";
    let contacts = json!([{"profile": {"name": "Ada", "username": "ada"}, "user_id": own}]);
    let text = json!({"from_user_id": own, "id": "wamid.2", "timestamp": "1749416383", "type": "text", "text": {"body": "Hi"}});
    let told = receive(
        json!({}),
        &whatsapp(json!({"contacts": contacts, "messages": [text]})),
    );
    assert_eq!(told[0]["data"]["contact"], own);
    assert_eq!(told[0]["data"]["name"], "Ada");
}

#[test]
fn what_becomes_of_messages_of_whatsapp_is_told() {
    let status = |name: &str| json!({"id": "wamid.3", "status": name, "timestamp": "1749416383", "recipient_id": "16505551234"});
    let mut failed = status("failed");
    failed["errors"] = json!([{
        "code": 131_047, "title": "Re-engagement message", "message": "Re-engagement message",
        "error_data": {"details": "More than 24 hours have passed since the recipient last replied."},
    }]);
    let statuses = json!([
        status("sent"),
        status("delivered"),
        status("read"),
        failed,
        status("warning")
    ]);
    let told = receive(json!({}), &whatsapp(json!({"statuses": statuses})));
    let events = told.as_array().unwrap().iter();
    let short: Vec<Value> = events
        .map(|event| {
            json!([
                event["dedupeKey"],
                event["data"]["contact"],
                event["data"]["text"]
            ])
        })
        .collect();
    let who = "+16505551234";
    assert_eq!(
        short,
        [
            json!(["wamid.3:sent", who, null]),
            json!(["wamid.3:delivered", who, null]),
            json!(["wamid.3:read", who, null]),
            json!([
                "wamid.3:failed",
                who,
                "More than 24 hours have passed since the recipient last replied."
            ]),
        ]
    );
}

#[test]
fn what_nobody_asked_for_starts_nothing() {
    let body = message(json!({"type": "text", "text": {"body": "Hi"}}));
    let nothing = json!([]);
    assert_eq!(
        receive(json!({"events": ["whatsapp.message_read"]}), &body),
        nothing
    );
    assert_eq!(receive(json!({"account": "4711"}), &body), nothing);
    for odd in [
        json!({"object": "instagram", "entry": [{"id": "1", "time": 1, "messaging": [{}]}]}),
        json!({"object": "page"}),
        json!({"object": "page", "entry": [{"messaging": [{"message": {}}, 7, null], "changes": [{"field": "feed"}]}]}),
        json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": {"messages": [{}, 7]}}]}]}),
    ] {
        let told = receive(
            json!({"events": ["messenger.message_received", "whatsapp.message_received"]}),
            &odd,
        );
        assert_eq!(told, nothing, "{odd}");
    }
}

/// The server asks the trigger about nothing else.
#[test]
fn the_trigger_takes_what_meta_tells() {
    let names: Vec<&str> = EVENT_TYPES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, Happened::EVENT_TYPES);
    let message = message(json!({"type": "text", "text": {"body": "Hi"}}));
    for (body, name) in [page(&json!([])), message].iter().zip(names) {
        assert_eq!(body["object"], name);
    }
}
