//! The trigger `facebook-event`: what people write to a Page or to a number of WhatsApp, what becomes of what was sent, and what happens
//! on a Page. <https://developers.facebook.com/docs/messenger-platform/webhooks>,
//! <https://developers.facebook.com/docs/graph-api/webhooks/reference/page>,
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages>

mod page;
mod whatsapp;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};

/// What Meta tells of, by its own names.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    (
        "page",
        "Somebody has written to the Page by Messenger, or something has happened on it.",
    ),
    (
        "whatsapp_business_account",
        "Somebody has written by WhatsApp, or it is known what became of a message.",
    ),
];

/// Starts a run for each message, and for what else happens at Meta.
#[derive(Config)]
pub(crate) struct Happened {
    /// For what; for everything unless given.
    #[field(default, example = json!(["whatsapp.message_received"]))]
    events: Vec<Kind>,
    /// Only of this Page, or of this number of WhatsApp, by Meta's id for it.
    #[field(label = "Page or number", placeholder = "106540352242922")]
    account: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Config, Body, PartialEq, Eq)]
#[config(label = "Event")]
enum Kind {
    /// Somebody has written to the Page.
    #[field(
        name = "messenger.message_received",
        label = "Messenger message received"
    )]
    MessengerReceived,
    /// Somebody has tapped a button of a message.
    #[field(
        name = "messenger.postback_received",
        label = "Messenger button tapped"
    )]
    MessengerPostback,
    /// A message that was sent by Messenger has arrived.
    #[field(
        name = "messenger.message_delivered",
        label = "Messenger message delivered"
    )]
    MessengerDelivered,
    /// Messages that were sent by Messenger were read.
    #[field(name = "messenger.message_read", label = "Messenger message read")]
    MessengerRead,
    /// There is a post, comment or reaction on the Page, or it was changed.
    #[field(name = "page.feed_changed", label = "Page feed changed")]
    PageFeed,
    /// Somebody has filled in a lead form.
    #[field(name = "page.lead_created", label = "Page lead created")]
    PageLead,
    /// A WhatsApp message was received.
    #[field(
        name = "whatsapp.message_received",
        label = "WhatsApp message received"
    )]
    WhatsAppReceived,
    /// A message that was sent by WhatsApp is under way.
    #[field(name = "whatsapp.message_sent", label = "WhatsApp message sent")]
    WhatsAppSent,
    /// A message that was sent by WhatsApp has arrived.
    #[field(
        name = "whatsapp.message_delivered",
        label = "WhatsApp message delivered"
    )]
    WhatsAppDelivered,
    /// A message that was sent by WhatsApp was read.
    #[field(name = "whatsapp.message_read", label = "WhatsApp message read")]
    WhatsAppRead,
    /// A message that was sent by WhatsApp will not arrive.
    #[field(name = "whatsapp.message_failed", label = "WhatsApp message failed")]
    WhatsAppFailed,
}

/// What Meta sends: what happened in several places, and several things in each.
#[derive(Deserialize)]
struct Envelope {
    object: String,
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    /// The Page, or the WhatsApp Business account.
    #[serde(default)]
    id: String,
    /// When Meta told it first; seconds or milliseconds since 1970.
    #[serde(default)]
    time: i64,
    /// Of Messenger.
    #[serde(default)]
    messaging: Vec<Value>,
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    field: String,
    #[serde(default)]
    value: Value,
}

/// What a run gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    event: Kind,
    /// By what Meta knows the message, comment or lead.
    id: Option<String>,
    /// The other side: what `send_message` takes as `to`.
    contact: Option<String>,
    /// What the other side is called.
    name: Option<String>,
    text: Option<String>,
    /// The Page, or the number of WhatsApp, by Meta's id for it.
    account: String,
    /// What Meta says of it.
    data: Value,
    /// By what it is known when Meta tells it again.
    #[serde(skip)]
    key: String,
    /// Milliseconds since 1970.
    #[serde(skip)]
    millis: Option<i64>,
}

impl Webhook for Happened {
    const TYPE: &'static str = "facebook-event";
    const EVENT_TYPES: &'static [&'static str] = &["page", "whatsapp_business_account"];

    fn about() -> About {
        About::new("Facebook or WhatsApp event")
            .description("Starts when somebody writes by Messenger or WhatsApp, and with what happens on a Page.")
            .icon("message-circle")
            .provider("facebook")
            .output("data-out", "The message, or what happened.")
            .documentation(include_str!("event/documentation.md"))
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        let Envelope { object, entry } = request.json()?;
        let told: Vec<Told> = match object.as_str() {
            "page" => entry.iter().flat_map(page::told).collect(),
            "whatsapp_business_account" => entry.iter().flat_map(whatsapp::told).collect(),
            _ => Vec::new(),
        };
        let wanted = told.iter().filter(|told| self.wants(told));
        Ok(Reception::accepted(wanted.map(Told::event)))
    }
}

impl Happened {
    fn wants(&self, told: &Told) -> bool {
        let account = self.account.as_deref().map(str::trim);
        let account = account.filter(|account| !account.is_empty());
        (self.events.is_empty() || self.events.contains(&told.event))
            && account.is_none_or(|account| account == told.account)
    }
}

impl Told {
    fn event(&self) -> Event {
        let name = json!(self.event);
        let event = Event::new(&self.key, self).of_type(name.as_str().unwrap_or_default());
        let time = self.millis.map(jiff::Timestamp::from_millisecond);
        match time {
            Some(Ok(time)) => event.at(&time.to_string()),
            _ => event,
        }
    }
}

/// A text or a number, as a text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
