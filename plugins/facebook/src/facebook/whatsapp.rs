//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages>

use jackfield_plugin_sdk::PhoneNumber;
use jackfield_plugin_sdk::prelude::*;

use super::send_message::{Kind, SendMessage};
use crate::api::invalid;

impl SendMessage {
    pub(super) fn by_whatsapp(&self) -> Result<Value> {
        let number: Result<PhoneNumber, _> = self.to.parse();
        let number = number.map_err(|error| invalid(format!("to: {error}.")))?;
        let (kind, content) = self.content()?;
        let mut whole = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": number, "type": kind, kind: content,
        });
        if let Some(id) = self.reply_to() {
            whole["context"] = json!({"message_id": id});
        }
        Ok(whole)
    }

    /// Of which type it is, and what that type has.
    fn content(&self) -> Result<(&'static str, Value)> {
        match (self.template(), self.attachment(), self.text()) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => Err(invalid(
                "template says all that is sent: text and attachment have no place beside it. Its values are in values and components.",
            )),
            (Some(name), None, None) => Ok(("template", self.of_template(name))),
            (None, Some(link), text) => self.of_file(link, text),
            (None, None, Some(text)) => {
                let mut content = json!({"body": text});
                if self.preview_url {
                    content["preview_url"] = true.into();
                }
                Ok(("text", content))
            }
            (None, None, None) => Err(invalid(
                "text is missing: write the message, or give a template or an attachment.",
            )),
        }
    }

    fn of_template(&self, name: &str) -> Value {
        let mut components: Vec<Value> = self
            .components
            .iter()
            .flatten()
            .map(|part| json!(part))
            .collect();
        let values = self.values.iter();
        let values: Vec<Value> = values
            .map(|text| json!({"type": "text", "text": text}))
            .collect();
        if !values.is_empty() {
            components.push(json!({"type": "body", "parameters": values}));
        }
        let mut template = json!({"name": name, "language": {"code": self.language}});
        if !components.is_empty() {
            template["components"] = components.into();
        }
        template
    }

    fn of_file(&self, link: &str, caption: Option<&str>) -> Result<(&'static str, Value)> {
        let kind = match self.attachment_type {
            Kind::Image => "image",
            Kind::Video => "video",
            Kind::Audio => "audio",
            Kind::File => "document",
        };
        let mut file = json!({"link": link});
        match (caption, self.attachment_type) {
            (Some(_), Kind::Audio) => {
                return Err(invalid(
                    "text has no place beside audio in WhatsApp: send two messages.",
                ));
            }
            (Some(caption), _) => file["caption"] = caption.into(),
            (None, _) => {}
        }
        // Without a name WhatsApp shows none.
        let name = link.split(['?', '#']).next().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        if matches!(self.attachment_type, Kind::File) && name.contains('.') {
            file["filename"] = name.into();
        }
        Ok((kind, file))
    }
}

/// What is told of a message that WhatsApp took.
pub(super) fn sent(answer: &Value) -> Value {
    let message = &answer["messages"][0];
    json!({
        "messageId": message["id"], "recipient": answer["contacts"][0]["wa_id"], "status": message["message_status"],
    })
}
