//! The trigger `twilio-event`: messages and calls that come in, and what becomes of those that were made.
//! <https://www.twilio.com/docs/messaging/guides/webhook-request>,
//! <https://www.twilio.com/docs/messaging/guides/track-outbound-message-status>,
//! <https://www.twilio.com/docs/voice/twiml#request-parameters>.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};

/// What Twilio can tell of: `message.` or `call.` and its own name of the status.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("message.received", "A message came in."),
    ("message.queued", "A message waits to be sent."),
    ("message.sent", "A message was handed to the carrier."),
    ("message.delivered", "A message has arrived."),
    (
        "message.undelivered",
        "A message was sent, and has not arrived.",
    ),
    ("message.failed", "A message could not be sent."),
    (
        "message.read",
        "A message was read, where the channel says so.",
    ),
    (
        "call.ringing",
        "A call rings; one that comes in begins with that.",
    ),
    ("call.in-progress", "A call was answered."),
    ("call.completed", "A call that was answered is over."),
    ("call.busy", "A call that was made found the line busy."),
    ("call.no-answer", "A call that was made was not answered."),
    (
        "call.failed",
        "A call that was made could not be put through.",
    ),
    (
        "call.canceled",
        "A call that was made was given up before it was answered.",
    ),
];

/// Starts a run for each message or call.
#[derive(Config)]
pub(crate) struct Happened {
    /// For what; for everything unless given.
    #[field(default, example = json!(["message.received"]))]
    events: Vec<Kind>,
    /// The text message that answers one that comes in, at once and before the run begins. None unless given.
    #[field(label = "Answer to a message", min_length = 1)]
    reply: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Config, Body, PartialEq, Eq)]
#[config(label = "Event")]
enum Kind {
    /// A message came in.
    #[field(name = "message.received", label = "Message received")]
    MessageReceived,
    /// A message waits to be sent.
    #[field(name = "message.queued", label = "Message queued")]
    MessageQueued,
    /// A message was handed to the carrier.
    #[field(name = "message.sent", label = "Message sent")]
    MessageSent,
    /// A message has arrived.
    #[field(name = "message.delivered", label = "Message delivered")]
    MessageDelivered,
    /// A message was sent, and has not arrived.
    #[field(name = "message.undelivered", label = "Message not delivered")]
    MessageUndelivered,
    /// A message could not be sent.
    #[field(name = "message.failed", label = "Message failed")]
    MessageFailed,
    /// A message was read, where the channel says so.
    #[field(name = "message.read", label = "Message read")]
    MessageRead,
    /// A call rings; one that comes in begins with that.
    #[field(name = "call.ringing", label = "Call ringing")]
    CallRinging,
    /// A call was answered.
    #[field(name = "call.in-progress", label = "Call answered")]
    CallAnswered,
    /// A call that was answered is over.
    #[field(name = "call.completed", label = "Call completed")]
    CallCompleted,
    /// A call that was made found the line busy.
    #[field(name = "call.busy", label = "Call busy")]
    CallBusy,
    /// A call that was made was not answered.
    #[field(name = "call.no-answer", label = "Call not answered")]
    CallNotAnswered,
    /// A call that was made could not be put through.
    #[field(name = "call.failed", label = "Call failed")]
    CallFailed,
    /// A call that was made was given up before it was answered.
    #[field(name = "call.canceled", label = "Call canceled")]
    CallCanceled,
}

/// What Twilio sends: a form, whose members are these.
type Form = BTreeMap<String, String>;

/// What a run gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    event: Kind,
    /// Of the message or call.
    sid: &'a str,
    /// The number of the other side, without the channel.
    contact: Option<&'a str>,
    /// `sms`, `whatsapp`, …; `voice` for calls.
    channel: &'a str,
    is_incoming: bool,
    text: Option<&'a str>,
    media: Vec<Medium<'a>>,
    /// Why a message did not arrive: <https://www.twilio.com/docs/api/errors>.
    error_code: Option<&'a str>,
    /// All that Twilio says.
    twilio: &'a Form,
}

/// Something that came with a message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Medium<'a> {
    url: &'a str,
    content_type: Option<&'a str>,
}

impl Webhook for Happened {
    const TYPE: &'static str = "twilio-event";
    const EVENT_TYPES: &'static [&'static str] = &[
        "message.received",
        "message.queued",
        "message.sent",
        "message.delivered",
        "message.undelivered",
        "message.failed",
        "message.read",
        "call.ringing",
        "call.in-progress",
        "call.completed",
        "call.busy",
        "call.no-answer",
        "call.failed",
        "call.canceled",
    ];

    fn about() -> About {
        About::new("Message or call")
            .description(
                "Starts with a text message or call at Twilio, or with what becomes of one.",
            )
            .icon("phone-incoming")
            .provider("twilio")
            .output("data-out", "The message or call.")
            .documentation(include_str!("event/documentation.md"))
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        let form: Form = request.form().into_iter().collect();
        let token = request.header("i-twilio-idempotency-token");
        let heard = self.heard(&form, token);
        let is_answered = heard.is_some() && is_received(&form);
        let reception = Reception::accepted(heard);
        Ok(match self.reply {
            Some(text) if is_answered => reception.answered("text/xml", &message(&text)),
            _ => reception,
        })
    }
}

impl Happened {
    fn heard(&self, form: &Form, token: Option<&str>) -> Option<Event> {
        let what = What::of(form)?;
        let kind = what.kind()?;
        let is_wanted = self.events.is_empty() || self.events.contains(&kind);
        // A call is told of several times in the same status, a message is not.
        let key = match (what.is_message, token) {
            (false, Some(token)) => token.to_owned(),
            _ => format!("{}:{}", what.sid, what.status),
        };
        let event = Event::new(&key, &what.told(kind)).of_type(&what.name());
        is_wanted.then_some(event)
    }
}

/// Whether a message came in, rather than that something became of one.
fn is_received(form: &Form) -> bool {
    let kind = What::of(form).and_then(|what| what.kind());
    kind == Some(Kind::MessageReceived)
}

/// TwiML that answers with a message, <https://www.twilio.com/docs/messaging/twiml/message>.
fn message(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            letter => escaped.push(letter),
        }
    }
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Response><Message>{escaped}</Message></Response>"#
    )
}

/// A message or call, and its status.
struct What<'a> {
    is_message: bool,
    sid: &'a str,
    status: &'a str,
    form: &'a Form,
}

impl<'a> What<'a> {
    fn of(form: &'a Form) -> Option<Self> {
        let member = |names: [&str; 2]| names.iter().find_map(|name| form.get(*name));
        if let Some(sid) = member(["MessageSid", "SmsSid"]) {
            return Some(Self {
                is_message: true,
                sid,
                status: member(["MessageStatus", "SmsStatus"]).map_or("received", String::as_str),
                form,
            });
        }
        Some(Self {
            is_message: false,
            sid: form.get("CallSid")?,
            status: form.get("CallStatus")?,
            form,
        })
    }

    fn member(&self, name: &str) -> Option<&'a str> {
        self.form
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    fn name(&self) -> String {
        let of = if self.is_message { "message" } else { "call" };
        format!("{of}.{}", self.status)
    }

    fn kind(&self) -> Option<Kind> {
        serde_json::from_value(self.name().into()).ok()
    }

    fn is_incoming(&self) -> bool {
        match self.member("Direction") {
            Some(direction) => direction == "inbound",
            None => self.status == "received",
        }
    }

    fn told(&self, kind: Kind) -> Told<'a> {
        let is_incoming = self.is_incoming();
        let side = self.member(if is_incoming { "From" } else { "To" });
        let (channel, contact) = match side.and_then(|side| side.split_once(':')) {
            Some((channel, contact)) => (channel, Some(contact)),
            None if self.is_message => ("sms", side),
            None => ("voice", side),
        };
        Told {
            event: kind,
            sid: self.sid,
            contact,
            channel,
            is_incoming,
            text: self.member("Body"),
            media: self.media(),
            error_code: self.member("ErrorCode"),
            twilio: self.form,
        }
    }

    fn media(&self) -> Vec<Medium<'a>> {
        let count = self.member("NumMedia").and_then(|count| count.parse().ok());
        let medium = |index: usize| {
            Some(Medium {
                url: self.member(&format!("MediaUrl{index}"))?,
                content_type: self.member(&format!("MediaContentType{index}")),
            })
        };
        (0..count.unwrap_or(0).min(10)).filter_map(medium).collect()
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    fn receive(config: Value, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Value {
        accepted(config, headers, form)["events"].take()
    }

    fn accepted(config: Value, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Value {
        let at = ("POST", "https://jackfield.example/hooks/1");
        let form: Form = form
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let body = jackfield_plugin_sdk::encode_form(&form).unwrap();
        let ran = testing::plugin(crate::plugin())
            .receive("twilio-event", config, at, headers, body.as_bytes())
            .connected_app("twilio", &json!({}))
            .run();
        ran.output()["accepted"].take()
    }

    const MESSAGE: &[(&str, &str)] = &[
        ("MessageSid", "SM1"),
        ("SmsSid", "SM1"),
        ("SmsStatus", "received"),
        ("AccountSid", "AC1"),
        ("From", "+15551230000"),
        ("To", "+15550100"),
        ("Body", "Call me"),
        ("NumMedia", "1"),
        ("MediaUrl0", "https://api.twilio.com/m/ME1"),
        ("MediaContentType0", "image/png"),
    ];

    #[test]
    fn a_message_is_told_whole() {
        let twilio: Form = MESSAGE
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(
            receive(
                json!({"events": ["message.received"]}),
                &[("I-Twilio-Idempotency-Token", "t1")],
                MESSAGE
            ),
            json!([{
                "dedupeKey": "SM1:received", "type": "message.received",
                "data": {
                    "event": "message.received", "sid": "SM1", "contact": "+15551230000", "channel": "sms", "isIncoming": true,
                    "text": "Call me", "media": [{"url": "https://api.twilio.com/m/ME1", "contentType": "image/png"}],
                    "errorCode": null, "twilio": twilio,
                },
            }])
        );
    }

    #[test]
    fn a_message_that_comes_in_is_answered() {
        let reply =
            |form| accepted(json!({"reply": "Thanks <3 & bye"}), &[], form)["respond"].take();
        assert_eq!(
            reply(MESSAGE),
            json!({
                "status": 200, "headers": [["content-type", "text/xml"]],
                "body": "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Message>Thanks &lt;3 &amp; bye</Message></Response>",
            })
        );
        let sent = [("MessageSid", "SM2"), ("MessageStatus", "sent")];
        assert_eq!(reply(&sent), Value::Null);
        assert_eq!(accepted(json!({}), &[], MESSAGE)["respond"], Value::Null);
    }

    #[test]
    fn what_becomes_of_a_message_has_its_error() {
        let status = [
            ("MessageSid", "SM2"),
            ("MessageStatus", "undelivered"),
            ("ErrorCode", "30003"),
            ("From", "whatsapp:+15550100"),
            ("To", "whatsapp:+15551230000"),
        ];
        let told = receive(json!({}), &[], &status);
        let data = &told[0]["data"];
        assert_eq!(
            (
                &data["event"],
                &data["errorCode"],
                &data["contact"],
                &data["channel"],
                &data["isIncoming"]
            ),
            (
                &json!("message.undelivered"),
                &json!("30003"),
                &json!("+15551230000"),
                &json!("whatsapp"),
                &json!(false)
            )
        );
        assert_eq!(told[0]["dedupeKey"], "SM2:undelivered");
    }

    #[test]
    fn a_call_is_told_of_by_its_status() {
        let call = |status: &str, direction: &str| {
            let form = [
                ("CallSid", "CA1"),
                ("CallStatus", status),
                ("Direction", direction),
                ("From", "+15551230000"),
                ("To", "+15550100"),
            ];
            receive(json!({}), &[("I-Twilio-Idempotency-Token", "t1")], &form)
        };
        let incoming = call("ringing", "inbound");
        assert_eq!(incoming[0]["dedupeKey"], "t1");
        assert_eq!(incoming[0]["data"]["contact"], "+15551230000");
        assert_eq!(incoming[0]["data"]["channel"], "voice");
        let outgoing = call("no-answer", "outbound-api");
        assert_eq!(outgoing[0]["data"]["contact"], "+15550100");
        assert_eq!(outgoing[0]["type"], "call.no-answer");
        assert_eq!(call("queued", "outbound-api"), json!([]));
    }

    #[test]
    fn what_nobody_asked_for_starts_nothing() {
        assert_eq!(
            receive(json!({"events": ["message.delivered"]}), &[], MESSAGE),
            json!([])
        );
        assert_eq!(
            receive(json!({}), &[], &[("RecordingSid", "RE1")]),
            json!([])
        );
    }

    #[test]
    fn every_event_can_be_chosen() {
        let chosen: Vec<&str> = EVENT_TYPES.iter().map(|(name, _)| *name).collect();
        assert_eq!(chosen, Happened::EVENT_TYPES);
        for name in chosen {
            assert!(
                serde_json::from_value::<Kind>(name.into()).is_ok(),
                "{name}"
            );
        }
    }
}
