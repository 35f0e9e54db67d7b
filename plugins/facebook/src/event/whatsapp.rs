//! What happens by WhatsApp.

use jackfield_plugin_sdk::prelude::*;

use super::{Entry, Kind, Told, text};

pub(super) fn told(entry: &Entry) -> impl Iterator<Item = Told> {
    let of_messages = |change: &&super::Change| change.field == "messages";
    let changes = entry.changes.iter().filter(of_messages);
    changes.flat_map(|change| {
        let all = |member: &str| change.value[member].as_array().into_iter().flatten();
        let messages = all("messages").filter_map(|message| received(&change.value, message));
        messages.chain(all("statuses").filter_map(|status| became(&change.value, status)))
    })
}

/// A message of somebody's.
fn received(value: &Value, message: &Value) -> Option<Told> {
    let id = text(&message["id"])?;
    // Who goes by a name has no number, but an id of their own for this business.
    let (number, own) = (text(&message["from"]), text(&message["from_user_id"]));
    let contacts = value["contacts"].as_array().into_iter().flatten();
    let is = |contact: &Value, member: &str, id: &Option<String>| {
        id.is_some() && text(&contact[member]) == *id
    };
    let mut contacts =
        contacts.filter(|contact| is(contact, "wa_id", &number) || is(contact, "user_id", &own));
    let name = contacts
        .next()
        .and_then(|contact| text(&contact["profile"]["name"]));
    Some(Told {
        event: Kind::WhatsAppReceived,
        contact: number.map(international).or(own),
        name,
        text: says(message),
        account: account(value),
        data: message.clone(),
        key: id.clone(),
        millis: millis(message),
        id: Some(id),
    })
}

/// What became of a message that was sent.
fn became(value: &Value, status: &Value) -> Option<Told> {
    let id = text(&status["id"])?;
    let name = status["status"].as_str()?;
    let event = match name {
        "sent" => Kind::WhatsAppSent,
        "delivered" => Kind::WhatsAppDelivered,
        "read" => Kind::WhatsAppRead,
        "failed" => Kind::WhatsAppFailed,
        _ => return None,
    };
    let recipient = text(&status["recipient_id"]).map(international);
    let error = &status["errors"][0];
    Some(Told {
        event,
        contact: recipient.or_else(|| text(&status["recipient_user_id"])),
        name: None,
        // Why it will not arrive.
        text: text(&error["error_data"]["details"])
            .or_else(|| text(&error["message"]))
            .or_else(|| text(&error["title"])),
        account: account(value),
        data: status.clone(),
        key: format!("{id}:{name}"),
        millis: millis(status),
        id: Some(id),
    })
}

/// The number that was written to, or from.
fn account(value: &Value) -> String {
    text(&value["metadata"]["phone_number_id"]).unwrap_or_default()
}

/// What a message says, or what was tapped.
fn says(message: &Value) -> Option<String> {
    let kind = message["type"].as_str()?;
    let of = &message[kind];
    let answer = ["button_reply", "list_reply"];
    let places = [&of["body"], &of["text"], &of["caption"], &of["emoji"]];
    let taps = answer.iter().map(|answer| &of[*answer]["title"]);
    places.into_iter().chain(taps).find_map(text)
}

/// WhatsApp leaves out the sign.
fn international(number: String) -> String {
    match number.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("+{number}"),
        false => number,
    }
}

/// WhatsApp writes seconds, as a text.
fn millis(of: &Value) -> Option<i64> {
    let seconds: i64 = text(&of["timestamp"])?.parse().ok()?;
    seconds.checked_mul(1000)
}
