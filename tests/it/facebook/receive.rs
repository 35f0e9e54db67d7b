//! What people write by Messenger and WhatsApp.

use anyhow::{Result, ensure};
use jackfield_tests::{
    Engine, Facebook, Jackfield, graph, node, node_of_app, on_both_engines, step,
};
use serde_json::{Value, json};

on_both_engines![
    the_address_is_verified_as_meta_does,
    who_writes_by_whatsapp_is_answered_once,
    messages_of_messenger_start_their_workflows_only,
];

/// As Meta's documentation shows it.
fn by_whatsapp(id: &str, text: &str) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "Sheena Nelson"}, "wa_id": "16505551234"}],
        "messages": [{"from": "16505551234", "id": id, "timestamp": "1749416383", "type": "text", "text": {"body": text}}],
    }}]}]})
}

async fn the_address_is_verified_as_meta_does(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let app = facebook.connect(&owner).await?;
    let input =
        json!({"inboundHookId": app.hook.id, "config": {"verifyToken": "of-nobody-but-us"}});
    owner
        .succeed("updateInboundHook", input, "inboundHook { id }")
        .await?;
    let verified = app.subscribe("of-nobody-but-us").await?;
    assert_eq!(verified.status(), 200);
    assert_eq!(verified.text().await?, "1158201444");
    assert_eq!(app.subscribe("guess").await?.status(), 401);
    let forged = by_whatsapp("wamid.1", "Hello");
    let answer = app.tell_with(&forged, "guess").await?;
    ensure!(answer.status == 401, "{answer:?}");
    jackfield.finish().await
}

async fn who_writes_by_whatsapp_is_answered_once(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let app = facebook.connect(&owner).await?;
    let events = json!({"events": ["whatsapp.message_received"]});
    let reply = json!({
        "operation": "send_message", "channel": "whatsapp", "from": "{{ trigger.body.account }}", "to": "{{ trigger.body.contact }}",
        "text": "Thank you, {{ trigger.body.name }}. We have got: {{ trigger.body.text }}", "replyTo": "{{ trigger.body.id }}",
    });
    let nodes = [
        node_of_app("told", "facebook-event", &app.id, events),
        node_of_app("reply", "facebook", &app.id, reply),
    ];
    let definition = graph(nodes, &["told -> reply"]);
    let workflow = owner.publish("Answer", definition).await?;
    let told = by_whatsapp("wamid.1", "Does it come in another color?");
    for _ in 0..2 {
        let answer = app.tell(&told).await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let runs = owner.ended_runs_of(&workflow, 1).await?;
    assert_eq!(runs.len(), 1);
    let run = &runs[0];
    assert_eq!(
        step(run, "reply")["output"],
        json!({"messageId": "wamid.2", "recipient": "16505551234", "status": "accepted"}),
        "{run:#}"
    );
    let sent = facebook.outside.requests_to(Facebook::WHATSAPP);
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].header("authorization"),
        "Bearer EAA-token-of-the-page"
    );
    assert_eq!(
        sent[0].json(),
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+16505551234", "type": "text",
            "text": {"body": "Thank you, Sheena Nelson. We have got: Does it come in another color?"}, "context": {"message_id": "wamid.1"},
        })
    );
    assert!(!run.to_string().contains("EAA-token"), "{run:#}");
    jackfield.finish().await
}

async fn messages_of_messenger_start_their_workflows_only(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let app = facebook.connect(&owner).await?;
    let events = json!({"events": ["messenger.message_received"]});
    let values = json!({"values": {"contact": "{{ trigger.body.contact }}", "text": "{{ trigger.body.text }}", "kind": "{{ trigger.event.type }}"}});
    let trigger = node_of_app("told", "facebook-event", &app.id, events);
    let definition = graph([trigger, node("seen", "set", values)], &["told -> seen"]);
    let workflow = owner.publish("Lead", definition).await?;
    let message = |id: &str, text: &str| {
        json!({
            "sender": {"id": "2468013579"}, "recipient": {"id": "104711"}, "timestamp": 1_764_300_000_000_i64,
            "message": {"mid": id, "text": text},
        })
    };
    // Meta tells several things at once.
    let mut echo = message("m_0", "From us");
    echo["message"]["is_echo"] = true.into();
    let messaging = json!([
        message("m_1", "Are you open?"),
        echo,
        message("m_2", "On Sunday?")
    ]);
    let told = json!({"object": "page", "entry": [{"id": "104711", "time": 1_764_300_000_123_i64, "messaging": messaging}]});
    for body in [&told, &by_whatsapp("wamid.1", "Hello"), &told] {
        let answer = app.tell(body).await?;
        ensure!(answer.status == 200, "{answer:?}");
    }
    let runs = owner.ended_runs_of(&workflow, 2).await?;
    let mut outputs: Vec<Value> = runs.iter().map(|run| run["output"].clone()).collect();
    outputs.sort_by_key(|output| output["text"].to_string());
    let seen = |text: &str| json!({"contact": "2468013579", "text": text, "kind": "facebook.messenger.message_received"});
    assert_eq!(outputs, [seen("Are you open?"), seen("On Sunday?")]);
    jackfield.finish().await
}
