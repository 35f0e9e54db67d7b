//! The trigger `mailchimp-event`: <https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Event, InboundRequest, Reception, Webhook};
use serde_json::Map;

use crate::options::Audiences;

/// What Mailchimp can tell of, by its own names.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("subscribe", "Somebody subscribed to an audience."),
    ("unsubscribe", "Somebody left an audience."),
    (
        "profile",
        "Something that is known of somebody has changed.",
    ),
    ("upemail", "Somebody has another e-mail address."),
    ("cleaned", "Somebody's address does not work."),
    ("campaign", "A campaign was sent, or could not be."),
];

/// Starts a run when something happens in an audience.
#[derive(Config)]
pub(crate) struct Happened {
    /// For what; for everything unless given.
    #[field(default, example = json!(["subscribe"]))]
    events: Vec<Kind>,
    /// Only in this audience, by its id.
    #[field(options = "audiences", placeholder = "a1b2c3d4e5")]
    audience: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Config, Body, PartialEq, Eq)]
#[config(label = "Event")]
enum Kind {
    /// Somebody subscribed to an audience.
    Subscribe,
    /// Somebody left an audience.
    Unsubscribe,
    /// Something that is known of somebody has changed.
    #[field(label = "Profile changed")]
    Profile,
    /// Somebody has another e-mail address.
    #[field(name = "upemail", label = "Address changed")]
    UpEmail,
    /// Somebody's address does not work.
    #[field(label = "Address cleaned")]
    Cleaned,
    /// A campaign was sent, or could not be.
    #[field(label = "Campaign sent")]
    Campaign,
}

/// What a run gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    event: Kind,
    /// The address of whom it is about; the new one where it has changed.
    email: Option<&'a str>,
    /// The id of the audience.
    audience: Option<&'a str>,
    /// What Mailchimp says of it: merge fields in `merges`, why somebody left in `reason`, and more.
    data: &'a Value,
}

impl Webhook for Happened {
    const TYPE: &'static str = "mailchimp-event";
    const EVENT_TYPES: &'static [&'static str] = &[
        "subscribe",
        "unsubscribe",
        "profile",
        "upemail",
        "cleaned",
        "campaign",
    ];

    fn about() -> About {
        About::new("Audience event")
            .description(
                "Starts when somebody subscribes, leaves or changes, or a campaign was sent.",
            )
            .icon("mail-plus")
            .provider("mailchimp")
            .output("data-out", "What happened.")
            .documentation(include_str!("event/documentation.md"))
            .options::<Audiences>()
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        Ok(Reception::accepted(self.heard(&nested(request.form()))))
    }
}

impl Happened {
    fn heard(&self, form: &Value) -> Option<Event> {
        let name = form["type"].as_str()?;
        let event: Kind = serde_json::from_value(name.into()).ok()?;
        let data = &form["data"];
        let text = |member: &str| data[member].as_str().filter(|text| !text.is_empty());
        let audience = text("list_id");
        let told = Told {
            event,
            email: text("email").or_else(|| text("new_email")),
            audience,
            data,
        };
        let wanted = self.audience.as_deref().map(str::trim);
        let wanted = wanted.filter(|wanted| !wanted.is_empty());
        let is_wanted = (self.events.is_empty() || self.events.contains(&event))
            && wanted.is_none_or(|wanted| Some(wanted) == audience);
        // Mailchimp gives its messages no ids. One that it sends again has the time of the first.
        let fired_at = form["fired_at"].as_str().unwrap_or_default();
        let who = ["id", "new_id", "email", "subject"];
        let who = who
            .iter()
            .find_map(|member| text(member))
            .unwrap_or_default();
        let key = [name, fired_at, audience.unwrap_or_default(), who].join(":");
        let happened = Event::new(&key, &told).of_type(name);
        is_wanted.then(|| match time(fired_at) {
            Some(time) => happened.at(&time),
            None => happened,
        })
    }
}

/// Mailchimp writes `2026-12-01 09:15:00`, in UTC.
fn time(fired_at: &str) -> Option<String> {
    let time = format!("{}Z", fired_at.trim().replacen(' ', "T", 1));
    time.parse::<jiff::Timestamp>().ok().map(|_| time)
}

/// Fields that are named with brackets, such as `data[merges][FNAME]`, as objects.
fn nested(form: Vec<(String, String)>) -> Value {
    let mut whole = Map::new();
    for (name, value) in form {
        let mut steps = name.split('[').map(|step| step.trim_end_matches(']'));
        let first = steps.next().unwrap_or_default();
        let mut place = whole.entry(first).or_insert(Value::Null);
        for step in steps.take(8) {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[step];
        }
        *place = value.into();
    }
    Value::Object(whole)
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;
    use crate::tests::connected;

    /// As Mailchimp's documentation shows it.
    const SUBSCRIBED: &str = "type=subscribe&fired_at=2026-12-01+21%3A35%3A57&data%5Bid%5D=8a25ff1d98&data%5Blist_id%5D=a6b5da1054\
        &data%5Bemail%5D=ada%40example.com&data%5Bemail_type%5D=html&data%5Bip_opt%5D=198.51.100.7\
        &data%5Bmerges%5D%5BEMAIL%5D=ada%40example.com&data%5Bmerges%5D%5BFNAME%5D=Ada&data%5Bmerges%5D%5BINTERESTS%5D=Group1%2CGroup2";

    const MOVED: &str = "type=upemail&fired_at=2026-12-01+22%3A15%3A09&data%5Blist_id%5D=a6b5da1054&data%5Bnew_id%5D=51da8c3259\
        &data%5Bnew_email%5D=ada%2Bnew%40example.com&data%5Bold_email%5D=ada%40example.com";

    const SENT: &str = "type=campaign&fired_at=2026-12-01+21%3A31%3A21&data%5Bid%5D=5aa2102003&data%5Bsubject%5D=Spring\
        &data%5Bstatus%5D=sent&data%5Breason%5D=&data%5Blist_id%5D=a6b5da1054";

    fn receive(config: Value, form: &str) -> Value {
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let at = ("POST", "https://jackfield.example/hooks/1");
        let stage = testing::plugin(crate::plugin());
        let stage = stage.receive("mailchimp-event", config, at, &headers, form.as_bytes());
        connected(stage).run().output()
    }

    #[test]
    fn somebody_who_subscribed_is_told_whole() {
        assert_eq!(
            receive(
                json!({"events": ["subscribe"], "audience": "a6b5da1054"}),
                SUBSCRIBED
            ),
            json!({"accepted": {"events": [{
                "dedupeKey": "subscribe:2026-12-01 21:35:57:a6b5da1054:8a25ff1d98", "type": "subscribe", "occurredAt": "2026-12-01T21:35:57Z",
                "data": {
                    "event": "subscribe", "email": "ada@example.com", "audience": "a6b5da1054",
                    "data": {
                        "id": "8a25ff1d98", "list_id": "a6b5da1054", "email": "ada@example.com", "email_type": "html", "ip_opt": "198.51.100.7",
                        "merges": {"EMAIL": "ada@example.com", "FNAME": "Ada", "INTERESTS": "Group1,Group2"},
                    },
                },
            }]}})
        );
    }

    #[test]
    fn new_addresses_and_campaigns_are_told() {
        let moved = &receive(json!({}), MOVED)["accepted"]["events"][0];
        assert_eq!(moved["data"]["email"], "ada+new@example.com");
        assert_eq!(
            moved["dedupeKey"],
            "upemail:2026-12-01 22:15:09:a6b5da1054:51da8c3259"
        );
        let sent = &receive(json!({"events": ["campaign"]}), SENT)["accepted"]["events"][0];
        assert_eq!(sent["data"]["data"]["status"], "sent");
        assert_eq!(sent["data"]["email"], Value::Null);
    }

    #[test]
    fn what_nobody_asked_for_starts_nothing() {
        let nothing = json!({"accepted": {"events": []}});
        assert_eq!(
            receive(json!({"events": ["unsubscribe"]}), SUBSCRIBED),
            nothing
        );
        assert_eq!(receive(json!({"audience": "another"}), SUBSCRIBED), nothing);
        assert_eq!(receive(json!({}), "type=tomorrow&data%5Bid%5D=1"), nothing);
        assert_eq!(
            receive(json!({}), "[]=1&type[x]=2&a[b][c]=3&a=4&a[d]=5"),
            nothing
        );
    }

    #[test]
    fn the_choice_is_what_mailchimp_tells() {
        let names: Vec<&str> = EVENT_TYPES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, Happened::EVENT_TYPES);
        for name in names {
            let kind: Result<Kind, _> = serde_json::from_value(json!(name));
            assert!(kind.is_ok(), "{name}");
        }
    }
}
