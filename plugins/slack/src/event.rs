//! What Slack tells: <https://docs.slack.dev/apis/events-api/>, and slash commands and interactions, which come as forms.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    Event, InboundRequest, OptionChoice, OptionSource, Options, OptionsQuery, Reception, Webhook,
};
use serde_json::Map;

use crate::channel::{ChannelId, Channels};

/// What Slack can tell of, by its own names; those that most workflows wait for.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("app_mention", "Somebody mentions the app."),
    ("message", "There is a message."),
    ("reaction_added", "Somebody puts an emoji on something."),
    ("reaction_removed", "Somebody takes an emoji off something."),
    ("channel_created", "There is a new channel."),
    ("channel_rename", "A channel has another name."),
    ("channel_archive", "A channel is archived."),
    ("member_joined_channel", "Somebody is in a channel now."),
    ("member_left_channel", "Somebody has left a channel."),
    ("team_join", "Somebody is new in the workspace."),
    ("file_shared", "A file is shared."),
    ("app_home_opened", "Somebody looks at the app's home."),
    ("command", "Somebody types a slash command of the app."),
    (
        "interaction",
        "Somebody uses a button, menu, dialog or shortcut of the app.",
    ),
];

/// Messages by where they are, as Slack has them for subscription.
const MESSAGES: &[(&str, &str)] = &[
    (
        "message.channels",
        "There is a message in a public channel.",
    ),
    ("message.groups", "There is a message in a private channel."),
    ("message.im", "Somebody writes to the app."),
    ("message.mpim", "There is a message among several people."),
    ("message.*", "There is a message anywhere."),
];

/// The types of events, one a line, as Slack's own library has them.
const TYPES: &str = include_str!("event/types.txt");

/// Kinds of messages that are messages, and none that say what became of another or of a channel.
const WRITTEN: [&str; 4] = [
    "bot_message",
    "file_share",
    "me_message",
    "thread_broadcast",
];

/// Starts a run for each event that Slack tells of.
#[derive(Config)]
pub(crate) struct SlackEvent {
    /// Which start a run, such as `app_mention`, or `message.*` for messages anywhere; all unless given.
    #[field(default, options = "events", example = json!(["app_mention"]))]
    events: Vec<String>,
    /// Only what happens in these channels, by their ids.
    #[field(default, options = "channels", example = json!(["C0123456789"]))]
    channels: Vec<ChannelId>,
    /// What whoever types a slash command reads at once, and nobody else. Slack waits 3 seconds for it, so it is said before the run
    /// begins; what comes of the run is posted to `response_url`, or sent with the node `slack`.
    #[field(label = "Answer to a command", placeholder = "On it.", min_length = 1)]
    reply: Option<String>,
    /// Whether what bots and apps do starts runs, too. A workflow that writes where it listens then hears itself.
    #[field(default, advanced, label = "Bots, too")]
    from_bots: bool,
    /// Whether messages that were changed or deleted, or only say that somebody joined, start runs, too.
    #[field(default, advanced, label = "Changes, too")]
    changes: bool,
}

impl Webhook for SlackEvent {
    const TYPE: &'static str = "slack-event";

    fn about() -> About {
        About::new("Slack event")
            .description("Starts when something happens in Slack: a message, a mention, a reaction, a slash command.")
            .icon("hash")
            .provider("slack")
            .output("data-out", "What Slack sends; what happened is in `event`.")
            .documentation(concat!(
                include_str!("event/documentation.md"),
                "\n```json\n",
                include_str!("event/sample.json"),
                "```\n"
            ))
            .options::<EventTypes>()
            .options::<Channels>()
    }

    async fn receive(self, _: Context, request: InboundRequest) -> Result<Reception> {
        let told = Told::read(&request)?.filter(|told| self.wants(told));
        let is_command = told.as_ref().is_some_and(|told| told.kind == "command");
        let reception = Reception::accepted(told.map(Told::into_event));
        Ok(match self.reply {
            Some(text) if is_command => {
                let message = json!({"response_type": "ephemeral", "text": text});
                reception.answered("application/json", &message.to_string())
            }
            _ => reception,
        })
    }
}

impl SlackEvent {
    fn wants(&self, told: &Told) -> bool {
        let is_chosen = self.events.is_empty() || self.events.iter().any(|wanted| told.is(wanted));
        let is_here = self.channels.is_empty()
            || told
                .channel()
                .is_some_and(|id| self.channels.iter().any(|channel| channel.is(id)));
        is_chosen
            && is_here
            && (self.from_bots || !told.is_of_bot())
            && (self.changes || !told.is_change())
    }
}

/// Something that Slack tells.
struct Told {
    kind: String,
    id: String,
    body: Map<String, Value>,
}

impl Told {
    /// Reads a request; none when it carries nothing that happened.
    fn read(request: &InboundRequest) -> Result<Option<Self>> {
        let is_form = request
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let mut body = match is_form {
            false => request.json()?,
            true => fields(request)?,
        };
        // Whoever knows it could speak as Slack to older apps.
        body.remove("token");
        let kind = match (body.get("event"), is_form) {
            (Some(event), false) => event["type"].as_str(),
            (None, false) => None,
            (_, true) if body.contains_key("command") => Some("command"),
            (_, true) => Some("interaction"),
        };
        let Some(kind) = kind.map(str::to_owned) else {
            return Ok(None);
        };
        let ids = ["event_id", "trigger_id"].iter();
        let id = ids.filter_map(|name| body.get(*name)?.as_str()).next();
        // What has no id is signed nevertheless, with its time.
        let id = id.or(request.header("x-slack-signature"));
        let id = id.unwrap_or_default().to_owned();
        Ok(Some(Self { kind, id, body }))
    }

    fn into_event(self) -> Event {
        Event::new(&self.id, &self.body).of_type(&self.kind)
    }

    /// What happened: the event, or the whole of a command or interaction.
    fn happened(&self, name: &str) -> &Value {
        match self.body.get("event") {
            Some(event) => &event[name],
            None => self.body.get(name).unwrap_or(&Value::Null),
        }
    }

    /// Whether it goes by this name, where `*` stands for what follows.
    fn is(&self, wanted: &str) -> bool {
        let place = match self.happened("channel_type").as_str() {
            Some("channel") => "channels",
            Some("group") => "groups",
            Some(other) => other,
            None => "",
        };
        let whole = format!("{}.{place}", self.kind);
        match wanted.strip_suffix('*') {
            Some(prefix) => self.kind.starts_with(prefix) || whole.starts_with(prefix),
            None => wanted == self.kind || wanted == whole,
        }
    }

    fn channel(&self) -> Option<&str> {
        let places = [
            &self.happened("channel")["id"],
            self.happened("channel"),
            &self.happened("item")["channel"],
            self.happened("channel_id"),
        ];
        places.into_iter().find_map(Value::as_str)
    }

    /// Whether a bot did it, such as this app.
    fn is_of_bot(&self) -> bool {
        let is_bot = !self.happened("bot_id").is_null()
            || *self.happened("subtype") == "bot_message"
            || !self.happened("message")["bot_id"].is_null();
        let user = self.happened("user");
        let own = self
            .body
            .get("authorizations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|own| own["is_bot"] == true && own["user_id"] == *user);
        self.body.contains_key("event") && (is_bot || own)
    }

    /// Whether it is a message that says what became of another, or of a channel.
    fn is_change(&self) -> bool {
        let subtype = self.happened("subtype").as_str();
        self.kind == "message" && subtype.is_some_and(|subtype| !WRITTEN.contains(&subtype))
    }
}

/// The fields of a slash command, or the one that an interaction is in.
fn fields(request: &InboundRequest) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    for (name, value) in request.form() {
        if name == "payload" {
            return serde_json::from_str(&value).map_err(|error| {
                let message = format!("The interaction cannot be read: {error}.");
                Error::new(jackfield_plugin_sdk::code::INVALID_INPUT, message)
            });
        }
        fields.insert(name, value.into());
    }
    Ok(fields)
}

/// The types of events, by what somebody has typed of them.
struct EventTypes;

impl OptionSource for EventTypes {
    const NAME: &'static str = "events";

    async fn load(_: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let search = query.search.unwrap_or_default().to_lowercase();
        let described = || MESSAGES.iter().chain(EVENT_TYPES);
        let others = TYPES
            .lines()
            .filter(|name| described().all(|(known, _)| known != name))
            .map(|name| (name, None));
        let known = described().map(|(name, description)| (*name, Some((*description).to_owned())));
        let found = known
            .chain(others)
            .filter(|(name, _)| name.contains(&search));
        let options = found.map(|(name, description)| OptionChoice {
            value: name.into(),
            label: name.to_owned(),
            description,
        });
        Ok(Options {
            options: options.collect(),
            cursor: None,
        })
    }
}

#[cfg(test)]
mod tests;
