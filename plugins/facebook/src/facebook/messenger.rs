//! <https://developers.facebook.com/docs/messenger-platform/reference/send-api>

use jackfield_plugin_sdk::prelude::*;

use super::send_message::SendMessage;
use crate::api::invalid;

impl SendMessage {
    pub(super) fn by_messenger(&self) -> Result<Value> {
        let mut message = match (self.text(), self.attachment()) {
            (Some(text), None) => json!({"text": text}),
            (None, Some(url)) => json!({"attachment": {
                "type": self.attachment_type, "payload": {"url": url, "is_reusable": true},
            }}),
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "text and attachment exclude each other in Messenger: send two messages.",
                ));
            }
            (None, None) => {
                return Err(invalid(
                    "text is missing: write the message, or give an attachment.",
                ));
            }
        };
        let replies = self.quick_replies.iter();
        let replies: Vec<Value> = replies
            .map(|title| json!({"content_type": "text", "title": title, "payload": title}))
            .collect();
        if !replies.is_empty() {
            message["quick_replies"] = replies.into();
        }
        let mut whole = json!({"recipient": {"id": self.to.trim()}, "message": message});
        if let Some(id) = self.reply_to() {
            whole["reply_to"] = json!({"mid": id});
        }
        match self.tag() {
            Some(tag) => {
                whole["messaging_type"] = "MESSAGE_TAG".into();
                whole["tag"] = tag.into();
            }
            None => whole["messaging_type"] = json!(self.messaging_type),
        }
        Ok(whole)
    }
}

/// What is told of a message that Messenger took.
pub(super) fn sent(answer: &Value) -> Value {
    json!({"messageId": answer["message_id"], "recipient": answer["recipient_id"]})
}
