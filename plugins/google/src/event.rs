//! The trigger `google-event`: what the channels of Google's push notifications tell.
//! <https://developers.google.com/workspace/calendar/api/guides/push>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};

/// What a channel can tell, by Google's own names.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("exists", "Something in the watched calendar has changed."),
    ("not_exists", "What is watched is not there any more."),
    ("add", "A file was made or shared."),
    (
        "update",
        "A file, or something that is known of it, has changed.",
    ),
    ("change", "Files have changed."),
    ("trash", "A file was moved to the bin."),
    ("untrash", "A file was taken out of the bin."),
    ("remove", "A file was deleted, or is not shared any more."),
];

/// Starts a run for each notification of a channel.
#[derive(Config)]
pub(crate) struct Changed {
    /// For which; for all unless given.
    #[field(default, example = json!(["exists"]))]
    events: Vec<State>,
    /// Only those of the channel with this id; of all channels unless given.
    #[field(label = "Channel ID", advanced)]
    channel_id: Option<String>,
}

/// What has become of what is watched.
#[derive(Clone, Copy, Config, Body, PartialEq, Eq)]
#[config(label = "Event")]
enum State {
    /// Something in the watched calendar has changed.
    #[field(label = "Changed")]
    Exists,
    /// What is watched is not there any more.
    #[field(label = "Gone")]
    NotExists,
    /// A file was made or shared.
    #[field(label = "File added")]
    Add,
    /// A file, or something that is known of it, has changed.
    #[field(label = "File updated")]
    Update,
    /// Files have changed.
    #[field(label = "Files changed")]
    Change,
    /// A file was moved to the bin.
    #[field(label = "File trashed")]
    Trash,
    /// A file was taken out of the bin.
    #[field(label = "File restored")]
    Untrash,
    /// A file was deleted, or is not shared any more.
    #[field(label = "File removed")]
    Remove,
}

/// What a run gets. Google says that something has changed, and not what.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    event: State,
    channel_id: &'a str,
    message_number: &'a str,
    resource_id: Option<&'a str>,
    resource_uri: Option<&'a str>,
    /// Of files: `content`, `parents`, `children`, `permissions`.
    changed: Vec<&'a str>,
    channel_expiration: Option<&'a str>,
}

impl Webhook for Changed {
    const TYPE: &'static str = "google-event";

    fn about() -> About {
        About::new("Google notification")
            .description("Starts when a watched calendar or file has changed.")
            .icon("bell")
            .provider("google")
            .output("data-out", "What has changed.")
            .documentation(include_str!("event/documentation.md"))
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        Ok(Reception::accepted(self.heard(&request)))
    }
}

impl Changed {
    fn heard(&self, request: &InboundRequest) -> Option<Event> {
        let header = |name: &str| request.header(name).filter(|value| !value.is_empty());
        let state = header("x-goog-resource-state")?;
        let event: State = serde_json::from_value(state.into()).ok()?;
        let channel_id = header("x-goog-channel-id")?;
        let message_number = header("x-goog-message-number")?;
        let wanted = self
            .channel_id
            .as_deref()
            .filter(|wanted| !wanted.is_empty());
        let is_wanted = (self.events.is_empty() || self.events.contains(&event))
            && wanted.is_none_or(|wanted| wanted == channel_id);
        let changed = header("x-goog-changed").unwrap_or_default().split(',');
        let told = Told {
            event,
            channel_id,
            message_number,
            resource_id: header("x-goog-resource-id"),
            resource_uri: header("x-goog-resource-uri"),
            changed: changed
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .collect(),
            channel_expiration: header("x-goog-channel-expiration"),
        };
        // Numbers grow with each message of a channel.
        let key = format!("{channel_id}:{message_number}");
        is_wanted.then(|| Event::new(&key, &told).of_type(state))
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    fn receive(config: Value, state: &str) -> Value {
        let uri =
            "https://www.googleapis.com/calendar/v3/calendars/ada@example.com/events?alt=json";
        let headers = [
            ("X-Goog-Channel-ID", "channel-1"),
            ("X-Goog-Message-Number", "10"),
            ("X-Goog-Resource-ID", "o3hgv1538sdjfh"),
            ("X-Goog-Resource-State", state),
            ("X-Goog-Resource-URI", uri),
            ("X-Goog-Channel-Expiration", "Tue, 01 Dec 2026 20:00:00 GMT"),
        ];
        let at = ("POST", "https://jackfield.example/hooks/1");
        testing::plugin(crate::plugin())
            .receive("google-event", config, at, &headers, b"")
            .connected_app("google", &json!({}))
            .run()
            .output()
    }

    #[test]
    fn a_change_of_a_calendar_is_told_whole() {
        assert_eq!(
            receive(json!({"events": ["exists"]}), "exists"),
            json!({"accepted": {"events": [{
                "dedupeKey": "channel-1:10", "type": "exists",
                "data": {
                    "event": "exists", "channelId": "channel-1", "messageNumber": "10", "resourceId": "o3hgv1538sdjfh",
                    "resourceUri": "https://www.googleapis.com/calendar/v3/calendars/ada@example.com/events?alt=json",
                    "changed": [], "channelExpiration": "Tue, 01 Dec 2026 20:00:00 GMT",
                },
            }]}})
        );
    }

    #[test]
    fn what_nobody_asked_for_starts_nothing() {
        let nothing = json!({"accepted": {"events": []}});
        assert_eq!(receive(json!({"events": ["trash"]}), "exists"), nothing);
        assert_eq!(
            receive(json!({"channelId": "channel-2"}), "exists"),
            nothing
        );
        assert_eq!(receive(json!({}), "a-state-of-tomorrow"), nothing);
        let told = receive(json!({"channelId": "channel-1"}), "not_exists");
        assert_eq!(told["accepted"]["events"][0]["data"]["event"], "not_exists");
    }

    #[test]
    fn the_choice_is_what_google_tells() {
        for (name, _) in EVENT_TYPES {
            let state: Result<State, _> = serde_json::from_value(json!(name));
            assert!(state.is_ok(), "{name}");
        }
    }
}
