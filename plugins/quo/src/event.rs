//! The trigger `quo-event`: calls and messages, as both generations of Quo's webhooks tell of them.
//! <https://www.quo.com/docs/mdx/guides/webhooks>, <https://www.quo.com/docs/2026-03-30/webhooks-event-payloads>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};

/// What Quo can tell of, by its own names.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("message.received", "A message came in."),
    ("message.delivered", "A message that was sent has arrived."),
    ("message.failed", "A message that was sent will not arrive."),
    ("call.ringing", "A call begins to ring."),
    ("call.completed", "A call is over."),
    ("call.missed", "A call came in and nobody answered it."),
    (
        "call.recording.completed",
        "The recording of a call is ready.",
    ),
    ("call.summary.completed", "The summary of a call is ready."),
    (
        "call.transcript.completed",
        "The transcript of a call is ready.",
    ),
    (
        "call.voicemail.completed",
        "The voicemail of a call is ready.",
    ),
];

/// Starts a run for each call or message.
#[derive(Config)]
pub(crate) struct Happened {
    /// For what; for everything unless given.
    #[field(default, example = json!(["call.missed"]))]
    events: Vec<Kind>,
}

/// What happened.
#[derive(Clone, Copy, Config, Body, PartialEq, Eq)]
#[config(label = "Event")]
enum Kind {
    /// A call came in and nobody answered it.
    #[field(name = "call.missed", label = "Call missed")]
    CallMissed,
    /// A call that came in was answered, and is over.
    #[field(name = "call.received", label = "Call received")]
    CallReceived,
    /// A call that went out is over.
    #[field(name = "call.made", label = "Call made")]
    CallMade,
    /// A call begins to ring.
    #[field(name = "call.ringing", label = "Call ringing")]
    CallRinging,
    /// The recording of a call is ready.
    #[field(name = "call.recording", label = "Recording ready")]
    CallRecording,
    /// The summary of a call is ready.
    #[field(name = "call.summary", label = "Summary ready")]
    CallSummary,
    /// The transcript of a call is ready.
    #[field(name = "call.transcript", label = "Transcript ready")]
    CallTranscript,
    /// The voicemail of a call is ready.
    #[field(name = "call.voicemail", label = "Voicemail ready")]
    CallVoicemail,
    /// A message came in.
    #[field(name = "sms.received", label = "SMS received")]
    SmsReceived,
    /// A message that was sent has arrived.
    #[field(name = "sms.delivered", label = "SMS delivered")]
    SmsDelivered,
    /// A message that was sent will not arrive.
    #[field(name = "sms.failed", label = "SMS failed")]
    SmsFailed,
}

/// What Quo sends, in either generation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    created_at: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    /// The call or message, in the older generation.
    object: Option<Value>,
    /// The same in the current one.
    resource: Option<Value>,
    /// What surrounds it, in the current one.
    context: Option<Value>,
}

/// What a run gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    event: Kind,
    id: &'a str,
    contact: Option<&'a str>,
    text: Option<&'a str>,
    resource: &'a Value,
    context: Option<&'a Value>,
}

impl Webhook for Happened {
    const TYPE: &'static str = "quo-event";
    const EVENT_TYPES: &'static [&'static str] = &[
        "message.received",
        "message.delivered",
        "message.failed",
        "call.ringing",
        "call.completed",
        "call.missed",
        "call.recording.completed",
        "call.summary.completed",
        "call.transcript.completed",
        "call.voicemail.completed",
    ];

    fn about() -> About {
        About::new("Call or message")
            .description("Starts with a call or a text message at Quo.")
            .icon("phone-incoming")
            .provider("quo")
            .output("data-out", "The call or message.")
            .documentation(include_str!("event/documentation.md"))
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        let envelope: Envelope = request.json()?;
        Ok(Reception::accepted(self.heard(&envelope)))
    }
}

impl Happened {
    fn heard(&self, envelope: &Envelope) -> Option<Event> {
        let kind = envelope.kind()?;
        let is_wanted = self.events.is_empty() || self.events.contains(&kind);
        let event = Event::new(&envelope.id, &envelope.told(kind)).of_type(&envelope.event_type);
        let event = match &envelope.created_at {
            Some(time) => event.at(time),
            None => event,
        };
        is_wanted.then_some(event)
    }
}

impl Envelope {
    /// The call or message.
    fn resource(&self) -> &Value {
        let Data {
            object, resource, ..
        } = &self.data;
        resource
            .as_ref()
            .or(object.as_ref())
            .unwrap_or(&Value::Null)
    }

    fn kind(&self) -> Option<Kind> {
        Some(match self.event_type.as_str() {
            "message.received" => Kind::SmsReceived,
            "message.delivered" => Kind::SmsDelivered,
            "message.failed" => Kind::SmsFailed,
            "call.ringing" => Kind::CallRinging,
            "call.missed" => Kind::CallMissed,
            "call.recording.completed" => Kind::CallRecording,
            "call.summary.completed" => Kind::CallSummary,
            "call.transcript.completed" => Kind::CallTranscript,
            "call.voicemail.completed" => Kind::CallVoicemail,
            "call.completed" => return self.completed(),
            _ => return None,
        })
    }

    /// What a call was that is over. The current generation has told of a missed one already.
    fn completed(&self) -> Option<Kind> {
        let is_current = self.data.resource.is_some();
        match (self.is_incoming(), self.was_answered()) {
            (false, _) => Some(Kind::CallMade),
            (true, true) => Some(Kind::CallReceived),
            (true, false) if is_current => None,
            (true, false) => Some(Kind::CallMissed),
        }
    }

    fn is_incoming(&self) -> bool {
        self.resource()["direction"] != "outgoing"
    }

    /// A call has a time at which it was answered; a status says the same where there is none.
    fn was_answered(&self) -> bool {
        let call = self.resource();
        match call.get("answeredAt") {
            Some(time) => !time.is_null(),
            None => matches!(
                call["status"].as_str(),
                Some("answered" | "completed" | "forwarded")
            ),
        }
    }

    fn told(&self, kind: Kind) -> Told<'_> {
        let resource = self.resource();
        let text = ["text", "body", "content"];
        Told {
            event: kind,
            id: &self.id,
            contact: self.contact(),
            text: text.iter().find_map(|name| resource[*name].as_str()),
            resource,
            context: self.data.context.as_ref(),
        }
    }

    /// The number of the other side.
    fn contact(&self) -> Option<&str> {
        let resource = self.resource();
        let side = if self.is_incoming() { "from" } else { "to" };
        let context = self.data.context.as_ref().unwrap_or(&Value::Null);
        let places = [
            &resource[side],
            &resource["participants"],
            &context["participants"]["external"],
        ];
        places.into_iter().find_map(number)
    }
}

/// A number, or the first of several.
fn number(place: &Value) -> Option<&str> {
    match place {
        Value::String(number) => Some(number.as_str()),
        Value::Array(numbers) => numbers.iter().find_map(number),
        Value::Object(participant) => ["phoneNumber", "number"]
            .iter()
            .find_map(|name| participant.get(*name)?.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    fn receive(config: Value, body: &Value) -> Value {
        let at = ("POST", "https://jackfield.example/hooks/1");
        let body = body.to_string();
        let ran = testing::plugin(crate::plugin())
            .receive("quo-event", config, at, &[], body.as_bytes())
            .connected_app("quo", &json!({}))
            .run();
        ran.output()
    }

    fn told(body: &Value) -> Value {
        receive(json!({}), body)["accepted"]["events"][0]["data"].clone()
    }

    /// As the documentation of the older generation has it.
    fn call(event_type: &str, object: &Value) -> Value {
        let mut call = json!({
            "id": "ACsXlF0", "object": "call", "answeredAt": null, "direction": "incoming", "status": "completed",
            "completedAt": "2022-01-24T19:22:19.000Z", "createdAt": "2022-01-24T19:21:59.545Z", "phoneNumberId": "PNtoDbDhuz",
            "participants": ["+15555555555"],
        });
        for (name, value) in object.as_object().into_iter().flatten() {
            call[name] = value.clone();
        }
        json!({
            "id": "EV0ea54cad", "object": "event", "apiVersion": "v4", "createdAt": "2022-01-24T19:22:25.427Z", "type": event_type,
            "data": {"object": call},
        })
    }

    /// As the documentation of the current generation has it.
    fn current(event_type: &str, resource: &Value) -> Value {
        json!({
            "id": "EV123", "apiVersion": "2026-03-30", "createdAt": "2026-04-13T12:00:00.000Z", "type": event_type,
            "data": {
                "resource": resource,
                "context": {"participants": {"resolution": "available", "workspace": ["+15550100"], "external": ["+15555555555"]}},
                "links": {"quo": null},
            },
        })
    }

    #[test]
    fn a_completed_call_is_what_it_was() {
        let kind = |object: Value| told(&call("call.completed", &object))["event"].clone();
        assert_eq!(kind(json!({})), "call.missed");
        assert_eq!(
            kind(json!({"answeredAt": "2022-01-24T19:22:01Z"})),
            "call.received"
        );
        assert_eq!(kind(json!({"direction": "outgoing"})), "call.made");
    }

    #[test]
    fn a_missed_call_is_told_whole() {
        let body = call("call.completed", &json!({}));
        assert_eq!(
            receive(json!({"events": ["call.missed"]}), &body),
            json!({"accepted": {"events": [{
                "dedupeKey": "EV0ea54cad", "type": "call.completed", "occurredAt": "2022-01-24T19:22:25.427Z",
                "data": {
                    "event": "call.missed", "id": "EV0ea54cad", "contact": "+15555555555", "text": null,
                    "resource": body["data"]["object"], "context": null,
                },
            }]}})
        );
    }

    #[test]
    fn the_current_generation_tells_of_a_missed_call_once() {
        let call = json!({"id": "AC1", "direction": "incoming", "status": "missed"});
        let missed = told(&current("call.missed", &call));
        assert_eq!(
            (&missed["event"], &missed["contact"]),
            (&json!("call.missed"), &json!("+15555555555"))
        );
        let nothing = json!({"accepted": {"events": []}});
        assert_eq!(
            receive(json!({}), &current("call.completed", &call)),
            nothing
        );
        let answered = json!({"id": "AC1", "direction": "incoming", "status": "completed"});
        assert_eq!(
            told(&current("call.completed", &answered))["event"],
            "call.received"
        );
    }

    #[test]
    fn a_message_has_its_text_and_sender() {
        let old = call(
            "message.received",
            &json!({"from": "+15551230000", "to": "+15550100", "body": "Hello"}),
        );
        let new = current(
            "message.received",
            &json!({"id": "AC2", "direction": "incoming", "from": "+15551230000", "to": ["+15550100"], "text": "Hello"}),
        );
        for body in [old, new] {
            let told = told(&body);
            assert_eq!(
                (&told["event"], &told["contact"], &told["text"]),
                (
                    &json!("sms.received"),
                    &json!("+15551230000"),
                    &json!("Hello")
                )
            );
        }
    }

    #[test]
    fn what_nobody_asked_for_starts_nothing() {
        let nothing = json!({"accepted": {"events": []}});
        let ringing = call("call.ringing", &json!({}));
        assert_eq!(
            receive(json!({"events": ["call.missed"]}), &ringing),
            nothing
        );
        assert_eq!(told(&ringing)["event"], "call.ringing");
        let contact = current("contact.updated", &json!({}));
        assert_eq!(receive(json!({}), &contact), nothing);
    }
}
