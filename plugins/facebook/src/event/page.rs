//! What happens on a Page, and by Messenger.

use jackfield_plugin_sdk::prelude::*;

use super::{Change, Entry, Kind, Told, text};

pub(super) fn told(entry: &Entry) -> impl Iterator<Item = Told> {
    let messages = entry
        .messaging
        .iter()
        .filter_map(|one| message(&entry.id, one));
    let changes = entry
        .changes
        .iter()
        .filter_map(|change| changed(entry, change));
    messages.chain(changes)
}

/// Something that happened between somebody and the Page.
fn message(page: &str, one: &Value) -> Option<Told> {
    let (contact, millis) = (text(&one["sender"]["id"]), one["timestamp"].as_i64());
    let at = millis.unwrap_or_default();
    let who = contact.as_deref().unwrap_or_default();
    let mid = |member: &str| text(&one[member]["mid"]);
    let (event, id, says, key) = if one["message"].is_object() {
        // What the Page itself has sent is told, too.
        if one["message"]["is_echo"] == true {
            return None;
        }
        let id = mid("message")?;
        let says = text(&one["message"]["text"]);
        (Kind::MessengerReceived, Some(id.clone()), says, id)
    } else if one["postback"].is_object() {
        let id = mid("postback");
        let key = id.clone().unwrap_or(format!("postback:{who}:{at}"));
        let says = text(&one["postback"]["title"]);
        (Kind::MessengerPostback, id, says, key)
    } else if one["delivery"].is_object() {
        let id = text(&one["delivery"]["mids"][0]);
        let until = text(&one["delivery"]["watermark"])?;
        (
            Kind::MessengerDelivered,
            id,
            None,
            format!("delivered:{who}:{until}"),
        )
    } else if one["read"].is_object() {
        let until = text(&one["read"]["watermark"])?;
        (
            Kind::MessengerRead,
            None,
            None,
            format!("read:{who}:{until}"),
        )
    } else {
        return None;
    };
    Some(Told {
        event,
        id,
        contact,
        name: None,
        text: says,
        account: page.to_owned(),
        data: one.clone(),
        key: format!("{page}:{key}"),
        millis,
    })
}

/// Something that happened on the Page.
fn changed(entry: &Entry, change: &Change) -> Option<Told> {
    let value = &change.value;
    let first = |members: &[&str]| members.iter().find_map(|member| text(&value[*member]));
    let (event, id) = match change.field.as_str() {
        "feed" => (
            Kind::PageFeed,
            first(&["comment_id", "post_id", "photo_id", "video_id"]),
        ),
        "leadgen" => (Kind::PageLead, first(&["leadgen_id"])),
        _ => return None,
    };
    let known = id.as_deref().unwrap_or_default();
    let key = match event {
        Kind::PageLead => format!("lead:{known}"),
        // A post may be changed, and liked, any number of times.
        _ => {
            let says = |member: &str| first(&[member]).unwrap_or_default();
            let (item, verb) = (says("item"), says("verb"));
            let who = text(&value["from"]["id"]).unwrap_or_default();
            format!("{item}:{verb}:{known}:{who}:{}", entry.time)
        }
    };
    let seconds = value["created_time"].as_i64().unwrap_or(entry.time);
    Some(Told {
        event,
        contact: text(&value["from"]["id"]),
        name: text(&value["from"]["name"]),
        text: first(&["message"]),
        account: entry.id.clone(),
        data: value.clone(),
        key: format!("{}:{key}", entry.id),
        millis: seconds.checked_mul(1000).filter(|millis| *millis > 0),
        id,
    })
}
