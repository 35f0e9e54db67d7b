//! <https://docs.slack.dev/reference/methods/chat.postMessage>

use std::borrow::Cow;

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserializer, de};
use serde_json::Map;

use crate::api::{fetch, request};
use crate::message_link::MessageLink;

/// Sends a message to a channel or a person.
#[derive(Config, Body)]
pub(super) struct SendMessage {
    /// Where: a channel by its name or id, or a person by the id (`U…`), who gets a direct message.
    #[field(options = "channels", placeholder = "#operations", min_length = 1)]
    channel: String,
    /// What it says. Beside blocks, what notifications show of it.
    #[field(
        body = "text",
        widget = "textarea",
        placeholder = "*Booked:* {{ trigger.body.customer }}",
        max_length = 40_000
    )]
    message: Option<String>,
    /// How it is written.
    #[field(skip, default = Format::Mrkdwn)]
    format: Format,
    /// The message that it replies to: its `ts`, or its link.
    #[field(skip, placeholder = "{{ steps.post.output.ts }}")]
    thread: Option<MessageLink>,
    /// Whether the reply is shown in the channel, too.
    #[field(advanced, label = "Show in channel")]
    reply_broadcast: Option<bool>,
    /// What it is made of, as Block Kit Builder writes it.
    #[field(widget = "code", language = "json", example = json!([{"type": "section", "text": {"type": "mrkdwn", "text": "*Booked*"}}]))]
    blocks: Option<Parts>,
    /// Older than blocks, and still the only way to a coloured edge.
    #[field(advanced, widget = "code", language = "json", example = json!([{"color": "#36a64f", "text": "120 EUR"}]))]
    attachments: Option<Parts>,
    /// Whether links show what they lead to.
    #[field(advanced, label = "Preview links")]
    unfurl_links: Option<bool>,
    /// Whether links to pictures and films show them.
    #[field(advanced, label = "Preview media")]
    unfurl_media: Option<bool>,
    /// Whether `@name` and `#name` in the text become links.
    #[field(advanced)]
    link_names: Option<bool>,
    /// Under which name it is sent, in place of the app's; needs the scope `chat:write.customize`.
    #[field(advanced, label = "Sender name")]
    username: Option<String>,
    /// An emoji as the sender's picture.
    #[field(advanced, label = "Sender emoji", placeholder = ":broom:")]
    icon_emoji: Option<String>,
    /// The sender's picture.
    #[field(advanced, label = "Sender picture", format = "uri")]
    icon_url: Option<String>,
    /// What other apps can read of it.
    #[field(advanced)]
    metadata: Option<Metadata>,
}

/// How a message is written.
#[derive(Config, PartialEq)]
enum Format {
    /// As Slack has it: `*bold*`, `_italic_`, `<https://example.com|link>`.
    #[field(label = "Slack markup")]
    Mrkdwn,
    /// As usual elsewhere: `**bold**`, tables, `[link](https://example.com)`. At most 12,000 characters, and no blocks.
    Markdown,
    /// As it is.
    Plain,
}

/// What other apps can read of a message.
#[derive(Config, Body)]
struct Metadata {
    /// What happened.
    #[field(placeholder = "booking_confirmed")]
    event_type: String,
    /// What belongs to it.
    event_payload: Map<String, Value>,
}

/// Blocks or attachments: a list, what Block Kit Builder copies, or either as a text.
struct Parts(Value);

/// A message that was sent.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Sent {
    /// By which Slack knows it in its channel: what a reply has as `thread`, and a reaction as `message`.
    ts: String,
    /// The id of the channel.
    channel: String,
}

impl Operation for SendMessage {
    const NAME: &'static str = "send_message";
    type Output = Whole<Sent>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        fetch(request(&context, "chat.postMessage", &self.arguments()?)?).await
    }
}

impl SendMessage {
    fn arguments(&self) -> Result<Value> {
        let is_silent = self.message.as_ref().is_none_or(String::is_empty);
        if is_silent && self.blocks.is_none() && self.attachments.is_none() {
            return Err(invalid(
                "message is missing: say something, or give the message blocks.",
            ));
        }
        let mut arguments = json!(self);
        if let Some(thread) = &self.thread {
            arguments["thread_ts"] = thread.thread().into();
        }
        match self.format {
            Format::Mrkdwn => {}
            Format::Plain => arguments["mrkdwn"] = false.into(),
            Format::Markdown if self.blocks.is_some() || self.attachments.is_some() => {
                return Err(invalid(
                    "format cannot be markdown where there are blocks or attachments: Slack takes one or the other.",
                ));
            }
            Format::Markdown => arguments["markdown_text"] = arguments["text"].take(),
        }
        // A form has no place for what is nested.
        for name in ["blocks", "attachments", "metadata"] {
            if let Some(value) = arguments.get_mut(name) {
                *value = value.to_string().into();
            }
        }
        Ok(arguments)
    }
}

fn invalid(message: &str) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}

impl Parts {
    fn read(given: Value) -> Option<Self> {
        match given {
            Value::Array(_) => Some(Self(given)),
            Value::Object(mut members) => {
                let named = ["blocks", "attachments"].iter();
                let mut lists = named.filter_map(|name| members.remove(*name));
                lists.find(Value::is_array).map(Self)
            }
            Value::String(text) => {
                let value: Value = serde_json::from_str(&text).ok()?;
                (!value.is_string()).then(|| Self::read(value)).flatten()
            }
            _ => None,
        }
    }
}

impl Serialize for Parts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Value::deserialize(deserializer)?;
        Self::read(given).ok_or_else(|| {
            de::Error::custom(
                "this is no list of blocks: copy it from Block Kit Builder, with or without the braces around it",
            )
        })
    }
}

impl JsonSchema for Parts {
    fn schema_name() -> Cow<'static, str> {
        "Parts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["array", "object", "string"], "items": {"type": "object"}})
    }
}
