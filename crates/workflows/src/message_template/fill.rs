//! Rendered messages in the place of the templates that a config names.

use std::collections::HashMap;

use jackfield_storage::ids::MessageTemplateId;
use serde_json::{Map, Value as Document};

use super::Found;
use crate::expression::Value;
use crate::nodes::{Hints, MessageMember};

/// A config names a message template that is gone.
const NOT_FOUND: &str = "MESSAGE_TEMPLATE_NOT_FOUND";
/// A config names a message template of another channel, or one that has to be saved anew.
const UNUSABLE: &str = "MESSAGE_TEMPLATE_UNUSABLE";
/// An expression of a message template has no value.
const EXPRESSION: &str = "EXPRESSION_FAILED";

/// Why a message could not be put into a config.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Stable.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// The templates that an evaluated config names. What is no id at all is a fault of [`fill`].
pub(crate) fn wanted(hints: &Hints, config: &Map<String, Document>) -> Vec<MessageTemplateId> {
    let ids = hints.messages_in(config);
    ids.filter_map(|(_, value)| value.as_str()?.trim().parse().ok())
        .collect()
}

/// Puts messages into an evaluated config: a template's id becomes an object of `subject`, `htmlBody`, `textBody` and `from`,
/// the id of its sender, as far as it has them; the texts also become members beside it that are absent. Values that people
/// wrote themselves stay.
pub(crate) fn fill(
    hints: &Hints,
    config: &mut Map<String, Document>,
    found: &HashMap<MessageTemplateId, Found>,
    scope: &Value,
) -> Result<(), Fault> {
    let named: Vec<(MessageMember, String)> = hints
        .messages_in(config)
        .filter_map(|(member, value)| Some((member.clone(), value.as_str()?.trim().to_owned())))
        .collect();
    for (member, id) in named {
        let message = rendered(&member, &id, found, scope)?;
        for text in &member.fills {
            if let Some(value) = message.get(*text)
                && config.get(*text).is_none_or(Document::is_null)
            {
                config.insert((*text).to_owned(), value.clone());
            }
        }
        config.insert(member.name, Document::Object(message));
    }
    Ok(())
}

fn rendered(
    member: &MessageMember,
    id: &str,
    found: &HashMap<MessageTemplateId, Found>,
    scope: &Value,
) -> Result<Map<String, Document>, Fault> {
    let name = &member.name;
    let fault = |code, message| Fault { code, message };
    let template = id.parse().ok().and_then(|id| found.get(&id)?.as_ref());
    let template = template.ok_or_else(|| {
        let shown: String = id.chars().take(80).collect();
        let message = format!("`{name}` is the message template `{shown}`, and there is none: choose another one in the node");
        fault(NOT_FOUND, message)
    })?;
    let told = || {
        format!(
            "`{name}` is the message template `{}` ({})",
            template.name, template.id
        )
    };
    if template.channel != member.channel {
        let message = format!(
            "{}, which is of the channel {}; the node sends those of {}",
            told(),
            template.channel,
            member.channel
        );
        return Err(fault(UNUSABLE, message));
    }
    let message = template.message.as_ref().map_err(|problems| {
        let message = format!("{}, which has to be saved anew: {problems}", told());
        fault(UNUSABLE, message)
    })?;
    let rendered = message.render(scope).map_err(|error| {
        let message = format!("{}; its `{}`: {error}", told(), error.path());
        fault(EXPRESSION, message)
    })?;
    let mut members = match serde_json::to_value(&rendered) {
        Ok(Document::Object(members)) => members,
        _ => Map::new(),
    };
    if let Some(sender) = template.sender {
        members.insert("from".to_owned(), sender.to_string().into());
    }
    Ok(members)
}
