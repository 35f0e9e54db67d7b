//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Message, code};
use jiff::Timestamp;

use crate::address::{Address, address, addresses};
use crate::api::{api, success};

/// Sends a mail.
#[derive(Config)]
#[config(label = "Send email")]
pub(super) struct SendEmail {
    /// Who it is from: one of the connected app's sender addresses, or an address that SendGrid knows, with or without a name. The
    /// sender of the message template, where there is one, or the default sender address unless given.
    #[field(resource = "sender_email", example = &"Example <hello@example.com>")]
    from: String,
    /// Who gets it: an address, or several with commas between them.
    #[field(min_length = 1, example = &"ada@example.com")]
    to: String,
    /// A message template that says what it is about, its texts and who it is from, as far as that is not said here.
    #[field(label = "Message template", message_template = "email")]
    _template: Option<Message>,
    /// A dynamic template of SendGrid that says the subject and the texts, in place of them.
    #[field(label = "Dynamic template", options = "templates", placeholder = "d-…")]
    template_id: Option<String>,
    /// The values that the dynamic template is filled with.
    #[field(widget = "code", language = "json", example = json!({"name": "{{ trigger.body.name }}"}))]
    dynamic_template_data: Option<BTreeMap<String, Value>>,
    /// What it is about.
    subject: Option<String>,
    /// Its text as HTML. One of the two texts is needed, unless a dynamic template says them.
    #[field(label = "HTML body", widget = "code", language = "html")]
    html_body: Option<String>,
    /// Its text as it is.
    #[field(widget = "textarea")]
    text_body: Option<String>,
    /// Who gets a copy.
    cc: Option<String>,
    /// Who gets a copy that the others do not see.
    bcc: Option<String>,
    /// Where answers go: an address, or several with commas between them.
    #[field(advanced)]
    reply_to: Option<String>,
    /// Whether each of those in `to` gets a mail of their own, and does not see the others.
    #[field(advanced, default = false)]
    separately: bool,
    /// Up to ten names by which mails are counted.
    #[field(advanced, max_length = 10, example = json!(["receipts"]))]
    categories: Option<Vec<String>>,
    /// Files.
    #[field(advanced)]
    attachments: Option<Vec<Attachment>>,
    /// What goes with it to SendGrid's events.
    #[field(advanced, widget = "key-value", example = json!({"booking": "bk_1"}))]
    custom_args: Option<BTreeMap<String, String>>,
    /// Further headers.
    #[field(advanced, widget = "key-value", example = json!({"X-Booking": "bk_1"}))]
    headers: Option<BTreeMap<String, String>>,
    /// When it is sent, at most 72 hours ahead.
    #[field(advanced, format = "date-time", example = &"2026-12-24T10:00:00+01:00")]
    send_at: Option<String>,
    /// An id of SendGrid's by which mails that are sent later can be paused or cancelled.
    #[field(advanced)]
    batch_id: Option<String>,
    /// The group that people unsubscribe from.
    #[field(advanced, options = "unsubscribe_groups")]
    unsubscribe_group: Option<u64>,
    /// The groups that the page for unsubscribing shows.
    #[field(advanced, max_length = 25)]
    unsubscribe_groups_shown: Option<Vec<u64>>,
    /// The IP addresses that it is sent from.
    #[field(advanced, label = "IP pool", max_length = 64)]
    ip_pool_name: Option<String>,
    /// Whether links are counted; as the account has it unless given.
    #[field(advanced)]
    track_clicks: Option<bool>,
    /// Whether it is counted when it is opened; as the account has it unless given.
    #[field(advanced)]
    track_opens: Option<bool>,
    /// Whether SendGrid only checks the mail, and sends nothing.
    #[field(advanced)]
    sandbox: Option<bool>,
}

/// A file that goes with a mail.
#[derive(Config, Body)]
struct Attachment {
    /// Such as `receipt.pdf`.
    #[field(label = "File name", min_length = 1)]
    filename: String,
    /// The file in base64.
    #[field(min_length = 1)]
    content: String,
    /// Such as `application/pdf`.
    #[field(name = "type", label = "Content type", body = "type")]
    content_type: Option<String>,
    /// Whether it is a file beside the text or a picture in it.
    disposition: Option<Disposition>,
    /// By which the HTML text refers to it, such as `logo` for `cid:logo`.
    #[field(label = "Content ID")]
    content_id: Option<String>,
}

/// Where an attachment is.
#[derive(Config, Body)]
enum Disposition {
    /// Beside the text.
    Attachment,
    /// In the text.
    Inline,
}

/// A mail that SendGrid took.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    /// What `sg_message_id` of its events begins with; absent of a mail that was only checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
}

/// A mail as SendGrid takes it. What is null is not sent.
#[derive(Serialize)]
struct Mail<'a> {
    personalizations: Vec<Personalization<'a>>,
    from: Address,
    #[serde(flatten)]
    reply_to: ReplyTo,
    #[serde(flatten)]
    said: Said,
}

/// Who gets a mail, and what of it is theirs.
#[derive(Serialize)]
struct Personalization<'a> {
    to: Vec<Address>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cc: &'a [Address],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    bcc: &'a [Address],
    #[serde(skip_serializing_if = "Option::is_none")]
    dynamic_template_data: Option<&'a BTreeMap<String, Value>>,
}

/// Where answers go. SendGrid refuses both at once.
#[derive(Serialize)]
struct ReplyTo {
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<Address>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reply_to_list: Vec<Address>,
}

/// What is sent as the config says it.
#[derive(Body)]
struct Said {
    subject: Option<String>,
    content: Option<Vec<Content>>,
    attachments: Option<Vec<Attachment>>,
    template_id: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    categories: Option<Vec<String>>,
    custom_args: Option<BTreeMap<String, String>>,
    send_at: Option<i64>,
    batch_id: Option<String>,
    #[field(body = "asm.group_id")]
    group: Option<u64>,
    #[field(body = "asm.groups_to_display")]
    groups_shown: Option<Vec<u64>>,
    ip_pool_name: Option<String>,
    #[field(body = "mail_settings.sandbox_mode.enable")]
    sandbox: Option<bool>,
    #[field(body = "tracking_settings.click_tracking.enable")]
    track_clicks: Option<bool>,
    #[field(body = "tracking_settings.click_tracking.enable_text")]
    track_clicks_in_text: Option<bool>,
    #[field(body = "tracking_settings.open_tracking.enable")]
    track_opens: Option<bool>,
}

/// A text of a mail.
#[derive(Serialize)]
struct Content {
    #[serde(rename = "type")]
    content_type: &'static str,
    value: String,
}

impl Operation for SendEmail {
    const NAME: &'static str = "send_email";
    type Output = Sent;

    async fn run(mut self, context: Context) -> Result<Sent> {
        let copies = (
            list(self.cc.as_deref(), "cc")?,
            list(self.bcc.as_deref(), "bcc")?,
        );
        let said = self.said()?;
        let mail = Mail {
            personalizations: self.personalizations(&copies)?,
            from: address(&self.from, "from")?,
            reply_to: self.answers()?,
            said,
        };
        let request = api().request(&context, "POST", "/v3/mail/send")?;
        let response = success(request.json(&mail).send().await?)?;
        Ok(Sent {
            message_id: response.header("x-message-id").map(str::to_owned),
        })
    }
}

impl SendEmail {
    fn personalizations<'a>(
        &'a self,
        copies: &'a (Vec<Address>, Vec<Address>),
    ) -> Result<Vec<Personalization<'a>>> {
        let to = addresses(&self.to, "to")?;
        if to.is_empty() {
            return Err(invalid("to is empty: say who gets the mail.".to_owned()));
        }
        let groups = match self.separately {
            true => to.into_iter().map(|one| vec![one]).collect(),
            false => vec![to],
        };
        let personalization = |to| Personalization {
            to,
            cc: &copies.0,
            bcc: &copies.1,
            dynamic_template_data: self.dynamic_template_data.as_ref(),
        };
        Ok(groups.into_iter().map(personalization).collect())
    }

    fn answers(&self) -> Result<ReplyTo> {
        let mut several = list(self.reply_to.as_deref(), "replyTo")?;
        let one = several.pop().filter(|_| several.is_empty());
        Ok(match one {
            Some(one) => ReplyTo {
                reply_to: Some(one),
                reply_to_list: Vec::new(),
            },
            None => ReplyTo {
                reply_to: None,
                reply_to_list: list(self.reply_to.as_deref(), "replyTo")?,
            },
        })
    }

    fn said(&mut self) -> Result<Said> {
        let content = self.content();
        if self.template_id.is_none() && (content.is_empty() || self.subject.is_none()) {
            let message = "subject and one of htmlBody and textBody are needed, unless templateId names a dynamic template.";
            return Err(invalid(message.to_owned()));
        }
        Ok(Said {
            subject: self.subject.take(),
            content: Some(content).filter(|content| !content.is_empty()),
            attachments: self.attachments.take(),
            template_id: self.template_id.take(),
            headers: self.headers.take(),
            categories: self.categories.take(),
            custom_args: self.custom_args.take(),
            send_at: self.send_at.as_deref().map(seconds).transpose()?,
            batch_id: self.batch_id.take(),
            group: self.unsubscribe_group,
            groups_shown: self.unsubscribe_groups_shown.take(),
            ip_pool_name: self.ip_pool_name.take(),
            sandbox: self.sandbox,
            track_clicks: self.track_clicks,
            track_clicks_in_text: self.track_clicks,
            track_opens: self.track_opens,
        })
    }

    /// The texts; SendGrid wants the plain one first.
    fn content(&mut self) -> Vec<Content> {
        let texts = [
            ("text/plain", self.text_body.take()),
            ("text/html", self.html_body.take()),
        ];
        let present = texts.into_iter().filter_map(|(content_type, text)| {
            let value = text.filter(|text| !text.is_empty())?;
            Some(Content {
                content_type,
                value,
            })
        });
        present.collect()
    }
}

fn list(written: Option<&str>, member: &str) -> Result<Vec<Address>> {
    written.map_or_else(|| Ok(Vec::new()), |written| addresses(written, member))
}

/// In seconds since 1970.
fn seconds(time: &str) -> Result<i64> {
    let parsed: Result<Timestamp, _> = time.trim().parse();
    let parsed = parsed.map_err(|_| {
        let shown: String = time.chars().take(80).collect();
        invalid(format!("sendAt is no time with a time zone: `{shown}`. Write it like 2026-12-24T10:00:00+01:00."))
    })?;
    Ok(parsed.as_second())
}

fn invalid(message: String) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
