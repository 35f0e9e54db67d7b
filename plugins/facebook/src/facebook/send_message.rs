use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use serde_json::Map;

use super::create_post::given;
use crate::api::{id, invalid, request, send};

/// Writes to a person.
#[derive(Config)]
#[config(label = "Send a message")]
pub(super) struct SendMessage {
    /// By what.
    #[field(default = Channel::Messenger)]
    channel: Channel,
    /// Who gets it, `contact` of the trigger `facebook-event`: with Messenger the id that the person has for the Page, with WhatsApp a
    /// phone number with its country code.
    #[field(placeholder = "{{ trigger.body.contact }}", min_length = 1)]
    pub(super) to: String,
    /// What it says. Beside an attachment of WhatsApp it is the caption.
    #[field(
        widget = "textarea",
        max_length = 4096,
        placeholder = "See you tomorrow at 10."
    )]
    text: Option<String>,
    /// The address of a picture or file that is sent.
    #[field(
        label = "Attachment URL",
        format = "uri",
        placeholder = "https://example.com/map.png"
    )]
    attachment: Option<String>,
    /// What the attachment is.
    #[field(default = Kind::Image)]
    pub(super) attachment_type: Kind,
    /// The message that it replies to, by its id.
    #[field(label = "Reply to", placeholder = "{{ trigger.body.id }}")]
    reply_to: Option<String>,
    /// The number that it is sent from, by Meta's id for it (Phone number ID).
    #[field(
        label = "From number",
        options = "whatsapp_numbers",
        placeholder = "106540352242922",
        shown_when(channel = "whatsapp")
    )]
    from: Option<String>,
    /// A template that Meta has approved, in place of a text: WhatsApp wants one where the person has not written for 24 hours.
    #[field(
        options = "whatsapp_templates",
        placeholder = "appointment_reminder",
        shown_when(channel = "whatsapp")
    )]
    template: Option<String>,
    /// The template's language.
    #[field(default = "en_US".to_owned(), placeholder = "en_US", shown_when(channel = "whatsapp"))]
    pub(super) language: String,
    /// What stands for the template's `{{1}}`, `{{2}}` and so on.
    #[field(default, label = "Template values", shown_when(channel = "whatsapp"), example = json!(["Ada", "10:00"]))]
    pub(super) values: Vec<String>,
    /// The template's components as WhatsApp has them, where it has more than numbered values in its body.
    #[field(advanced, label = "Template components", widget = "code", language = "json", shown_when(channel = "whatsapp"),
        example = json!([{"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.com/van.png"}}]}]))]
    pub(super) components: Option<Vec<Map<String, Value>>>,
    /// Whether a link in the text shows what it leads to.
    #[field(
        advanced,
        label = "Preview link",
        default,
        shown_when(channel = "whatsapp")
    )]
    pub(super) preview_url: bool,
    /// Answers that the person can tap, at most 13.
    #[field(default, label = "Quick replies", max_length = 13, shown_when(channel = "messenger"), example = json!(["Yes", "No"]))]
    pub(super) quick_replies: Vec<String>,
    /// Whether it answers the person, or is sent of one's own accord; both within 24 hours of what the person last wrote.
    #[field(
        advanced,
        label = "Messaging type",
        default = Purpose::Response,
        shown_when(channel = "messenger")
    )]
    pub(super) messaging_type: Purpose,
    /// Why it is sent later than that, such as `HUMAN_AGENT`. Meta restricts these tags ever more.
    #[field(
        advanced,
        label = "Message tag",
        placeholder = "HUMAN_AGENT",
        shown_when(channel = "messenger")
    )]
    tag: Option<String>,
    /// The Page's id; the Page that the token is of unless given.
    #[field(
        advanced,
        label = "Page ID",
        placeholder = "104711081500000",
        shown_when(channel = "messenger")
    )]
    page: Option<String>,
}

/// By what a message is sent.
#[derive(Clone, Copy, Config, Body)]
pub(super) enum Channel {
    /// Messenger.
    Messenger,
    /// WhatsApp.
    #[field(name = "whatsapp", label = "WhatsApp")]
    WhatsApp,
}

/// What an attachment is.
#[derive(Clone, Copy, Config, Body)]
#[config(label = "Attachment type")]
pub(super) enum Kind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Something to listen to.
    Audio,
    /// Any other file.
    File,
}

/// What for a message is sent.
#[derive(Clone, Copy, Config, Body)]
#[config(label = "Messaging type")]
pub(super) enum Purpose {
    /// It answers the person.
    #[field(body = "RESPONSE")]
    Response,
    /// It is sent of one's own accord.
    #[field(body = "UPDATE")]
    Update,
}

/// A message that Meta took.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    /// By which Meta's webhooks refer to it.
    pub(super) message_id: String,
    /// Who gets it, by what Meta calls them.
    pub(super) recipient: Option<String>,
    /// With WhatsApp, how far it is, such as `accepted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
}

impl Operation for SendMessage {
    const NAME: &'static str = "send_message";
    type Output = Sent;

    async fn run(self, context: Context) -> Result<Sent> {
        let (sender, message) = match self.channel {
            Channel::Messenger => (self.page()?, self.by_messenger()?),
            Channel::WhatsApp => (self.number()?, self.by_whatsapp()?),
        };
        let request = request(&context, "POST", &format!("/{sender}/messages"))?;
        let answer = send(request.json(&message)).await?;
        read(match self.channel {
            Channel::Messenger => super::messenger::sent(&answer),
            Channel::WhatsApp => super::whatsapp::sent(&answer),
        })
    }
}

impl SendMessage {
    fn page(&self) -> Result<&str> {
        given(&self.page).map_or(Ok("me"), |page| id("page", page))
    }

    fn number(&self) -> Result<&str> {
        let missing =
            || invalid("from is missing: choose the WhatsApp number that it is sent from.");
        id("from", given(&self.from).ok_or_else(missing)?)
    }

    pub(super) fn text(&self) -> Option<&str> {
        given(&self.text)
    }

    pub(super) fn attachment(&self) -> Option<&str> {
        given(&self.attachment)
    }

    pub(super) fn reply_to(&self) -> Option<&str> {
        given(&self.reply_to)
    }

    pub(super) fn template(&self) -> Option<&str> {
        given(&self.template)
    }

    pub(super) fn tag(&self) -> Option<&str> {
        given(&self.tag)
    }
}
