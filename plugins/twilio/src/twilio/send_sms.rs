//! <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::Message;
use jackfield_plugin_sdk::prelude::*;

use crate::api::{invalid, post};
use crate::number::{Address, sender};

/// Sends a text message.
#[derive(Config, Body)]
#[config(label = "Send SMS")]
#[body(names = "PascalCase")]
pub(super) struct SendSms {
    /// Who gets it: a number with its country code, or an address of another channel such as `whatsapp:+15551230000`.
    #[field(example = &"+15551230000")]
    to: Address,
    /// A message template that says the text and what it is sent from, as far as that is not said here.
    #[field(label = "Message template", message_template = "sms")]
    template: Option<Message>,
    /// What it says. It may be absent where a message template, a content template or a picture says it.
    #[field(
        label = "Message text",
        widget = "textarea",
        max_length = 1600,
        placeholder = "See you tomorrow at 10."
    )]
    body: Option<String>,
    /// What it is sent from: one of the connected app's phone numbers, a short code, a name that Twilio knows, or an address such as
    /// `whatsapp:+15550100`. The sender of the message template or the default number unless given.
    #[field(
        resource = "phone_number",
        options = "phone_numbers",
        placeholder = "+15550100"
    )]
    from: Option<String>,
    /// A messaging service that chooses the number it is sent from, in place of `from`.
    #[field(
        options = "messaging_services",
        label = "Messaging service",
        placeholder = "MG…",
        pattern = "^MG"
    )]
    messaging_service_sid: Option<String>,
    /// Addresses of up to ten pictures or files that go with it (MMS, WhatsApp).
    #[field(label = "Media URLs", body = "MediaUrl", max_length = 10, example = json!(["https://example.com/map.png"]))]
    media_urls: Option<Vec<String>>,
    /// Where Twilio tells how far the message is: commonly the URL of the connected app's hook.
    #[field(advanced, label = "Status callback URL", format = "uri")]
    status_callback: Option<String>,
    /// When it is sent, 5 minutes to 35 days ahead; needs a messaging service.
    #[field(advanced, format = "date-time", example = &"2026-12-24T10:00:00Z")]
    send_at: Option<String>,
    /// A content template of Twilio that says the message, such as one that WhatsApp has approved.
    #[field(
        advanced,
        label = "Content template",
        placeholder = "HX…",
        pattern = "^HX"
    )]
    content_sid: Option<String>,
    /// What the content template is filled with.
    #[field(skip, advanced, widget = "key-value", example = json!({"1": "Ada"}))]
    content_variables: Option<BTreeMap<String, String>>,
    /// For how many seconds Twilio tries to send it.
    #[field(advanced, min = 1, max = 36000)]
    validity_period: Option<u32>,
    /// Whether letters that would make it longer are replaced by similar ones.
    #[field(advanced)]
    smart_encoded: Option<bool>,
    /// Whether links in it are shortened; needs a messaging service.
    #[field(advanced, label = "Shorten URLs")]
    shorten_urls: Option<bool>,
    /// Whether a long one is sent as a single MMS.
    #[field(advanced, label = "Send as MMS")]
    send_as_mms: Option<bool>,
    /// What it is for, such as `otp`, `notifications` or `marketing`.
    #[field(advanced)]
    message_intent: Option<String>,
    /// Whether Twilio checks it for fraud; it does where that is switched on.
    #[field(advanced)]
    risk_check: Option<RiskCheck>,
    /// Whether Twilio keeps the text.
    #[field(advanced)]
    content_retention: Option<ContentRetention>,
    /// Whether Twilio keeps the recipient's number.
    #[field(advanced)]
    address_retention: Option<AddressRetention>,
}

/// Whether a message is checked.
#[derive(Config, Body)]
enum RiskCheck {
    Enable,
    Disable,
}

/// Whether a text is kept.
#[derive(Config, Body)]
enum ContentRetention {
    Retain,
    Discard,
}

/// Whether a number is kept.
#[derive(Config, Body)]
enum AddressRetention {
    Retain,
    Obfuscate,
}

/// A message that Twilio took. Its answer has more members.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Sent {
    /// By which Twilio's webhooks refer to it.
    sid: String,
    /// How far it is: `queued`, `accepted` or `scheduled`, later `sent`, `delivered`, `undelivered` or `failed`.
    status: String,
    /// Who gets it.
    to: String,
    /// What it is sent from; null while a messaging service has not chosen.
    from: Option<String>,
    /// What it says.
    body: Option<String>,
    /// In how many parts, each of which costs; a number written as text.
    num_segments: Option<String>,
}

/// What is sent beside the fields.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sending<'a> {
    #[serde(flatten)]
    message: &'a SendSms,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_variables: Option<String>,
}

impl Operation for SendSms {
    const NAME: &'static str = "send_sms";
    type Output = Whole<Sent>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        self.complete()?;
        let variables = self
            .content_variables
            .as_ref()
            .map(|variables| json!(variables).to_string());
        let whole = Sending {
            message: &self,
            schedule_type: self.send_at.as_ref().map(|_| "fixed"),
            content_variables: variables,
        };
        post(&context, "Messages.json", &whole).await
    }
}

impl SendSms {
    /// Says what the message template says where nothing else does, and holds that to what Twilio takes.
    fn complete(&mut self) -> Result<()> {
        let template = self.template.take().unwrap_or_default();
        self.body = self.body.take().or(template.text_body);
        let present = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        // The default number is there whether anybody wants it or not.
        self.from = match present(&self.messaging_service_sid) {
            true => None,
            false => self
                .from
                .take()
                .or(template.from)
                .map(|from| sender(&from))
                .transpose()?,
        };
        if self.from.is_none() && self.messaging_service_sid.is_none() {
            return Err(invalid(
                "from is missing: give a number or a messaging service, or choose a default number for the connected app.",
            ));
        }
        let has_media = self
            .media_urls
            .as_ref()
            .is_some_and(|urls| !urls.is_empty());
        if !present(&self.body) && !has_media && self.content_sid.is_none() {
            return Err(invalid(
                "body is missing: write the message, or choose a message template.",
            ));
        }
        if self.send_at.is_some() && self.messaging_service_sid.is_none() {
            return Err(invalid(
                "sendAt needs a messagingServiceSid: Twilio schedules messages of messaging services only.",
            ));
        }
        Ok(())
    }
}
