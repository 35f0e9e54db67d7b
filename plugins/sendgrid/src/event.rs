//! The trigger `sendgrid-event`: <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};
use jiff::Timestamp;

/// What SendGrid can tell of, by its own names.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("processed", "A mail is ready to be delivered."),
    ("deferred", "The receiving server asked to try again later."),
    ("delivered", "A mail has arrived at the receiving server."),
    ("bounce", "The receiving server refused a mail."),
    (
        "dropped",
        "SendGrid did not send a mail, such as one to an address that has bounced.",
    ),
    ("open", "A mail was opened."),
    ("click", "A link in a mail was followed."),
    ("spamreport", "A mail was marked as spam."),
    ("unsubscribe", "Somebody unsubscribed from all mail."),
    ("group_unsubscribe", "Somebody unsubscribed from a group."),
    ("group_resubscribe", "Somebody subscribed to a group again."),
];

/// Starts a run for each event of a mail.
#[derive(Config)]
pub(crate) struct Happened {
    /// For what; for everything unless given.
    #[field(default, example = json!(["bounce", "spamreport"]))]
    events: Vec<Kind>,
    /// Only mails of one of these categories.
    #[field(default, example = json!(["receipts"]))]
    categories: Vec<String>,
}

/// What happened.
#[derive(Clone, Copy, Config, PartialEq, Eq)]
#[config(label = "Event")]
enum Kind {
    /// A mail is ready to be delivered.
    Processed,
    /// The receiving server asked to try again later.
    Deferred,
    /// A mail has arrived at the receiving server.
    Delivered,
    /// The receiving server refused a mail.
    Bounce,
    /// SendGrid did not send a mail, such as one to an address that has bounced.
    Dropped,
    /// A mail was opened.
    Open,
    /// A link in a mail was followed.
    Click,
    /// A mail was marked as spam.
    #[field(name = "spamreport", label = "Spam report")]
    SpamReport,
    /// Somebody unsubscribed from all mail.
    Unsubscribe,
    /// Somebody unsubscribed from a group.
    #[field(label = "Group unsubscribe")]
    GroupUnsubscribe,
    /// Somebody subscribed to a group again.
    #[field(label = "Group resubscribe")]
    GroupResubscribe,
}

/// What of an event matters here; the run gets all of it.
#[derive(Deserialize)]
struct Told {
    event: String,
    sg_event_id: String,
    timestamp: Option<i64>,
    #[serde(default)]
    category: Category,
}

/// One, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Category {
    One(String),
    Several(Vec<String>),
}

impl Default for Category {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Category {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

// It names no event types: a request commonly has events of several, and the host knows only one name for each request.
impl Webhook for Happened {
    const TYPE: &'static str = "sendgrid-event";

    fn about() -> About {
        About::new("Mail event")
            .description("Starts with what becomes of a mail: delivered, bounced, opened, clicked, unsubscribed.")
            .icon("mail-check")
            .provider("sendgrid")
            .output("data-out", "SendGrid's event.")
            .documentation(include_str!("event/documentation.md"))
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        let events: Vec<Value> = request.json()?;
        Ok(Reception::accepted(
            events.iter().filter_map(|event| self.heard(event)),
        ))
    }
}

impl Happened {
    /// An event that is wanted. What has no id is none of a mail, and what is not known is not wanted by anybody.
    fn heard(&self, event: &Value) -> Option<Event> {
        let told: Told = serde_json::from_value(event.clone()).ok()?;
        let kind: Kind = serde_json::from_value(told.event.as_str().into()).ok()?;
        let is_of_category = self.categories.is_empty()
            || told
                .category
                .all()
                .iter()
                .any(|category| self.categories.contains(category));
        let is_wanted = is_of_category && (self.events.is_empty() || self.events.contains(&kind));
        let happened = Event::new(&told.sg_event_id, event).of_type(&told.event);
        let time = told
            .timestamp
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        let happened = match time {
            Some(time) => happened.at(&time.to_string()),
            None => happened,
        };
        is_wanted.then_some(happened)
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
            .receive("sendgrid-event", config, at, &[], body.as_bytes())
            .connected_app("sendgrid", &json!({}))
            .run();
        ran.output()["accepted"]["events"].clone()
    }

    fn batch() -> Value {
        json!([
            {"email": "ada@example.com", "timestamp": 1_513_299_569, "event": "delivered", "category": "receipts", "sg_event_id": "e1", "sg_message_id": "m1.f", "response": "250 OK", "booking": "bk_1"},
            {"email": "bob@example.com", "timestamp": 1_513_299_570, "event": "bounce", "category": ["receipts", "test"], "sg_event_id": "e2", "sg_message_id": "m2.f", "reason": "500 unknown recipient", "status": "5.0.0", "type": "bounce"},
            {"event": "account_status_change", "type": "compliance_suspend", "timestamp": 1_513_299_571, "sg_event_id": "e3"},
        ])
    }

    #[test]
    fn each_event_of_a_batch_is_told_whole() {
        let (told, sent) = (receive(json!({}), &batch()), batch());
        assert_eq!(
            told,
            json!([
                {"dedupeKey": "e1", "type": "delivered", "occurredAt": "2017-12-15T00:59:29Z", "data": sent[0]},
                {"dedupeKey": "e2", "type": "bounce", "occurredAt": "2017-12-15T00:59:30Z", "data": sent[1]},
            ])
        );
    }

    #[test]
    fn only_what_is_wanted_starts_a_run() {
        let ids = |config: Value| {
            let told = receive(config, &batch());
            let ids = told
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["dedupeKey"].clone());
            Value::from_iter(ids)
        };
        assert_eq!(
            ids(json!({"events": ["bounce", "spamreport"]})),
            json!(["e2"])
        );
        assert_eq!(ids(json!({"categories": ["test"]})), json!(["e2"]));
        assert_eq!(ids(json!({"events": ["open"]})), json!([]));
    }

    #[test]
    fn every_event_can_be_chosen() {
        for (name, _) in EVENT_TYPES {
            assert!(
                serde_json::from_value::<Kind>((*name).into()).is_ok(),
                "{name}"
            );
        }
    }
}
