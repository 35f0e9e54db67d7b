//! The channels of a workspace: <https://docs.slack.dev/reference/methods/conversations.list>.

use std::borrow::Cow;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserializer, de};

use crate::api::{fetch, request};

/// As many as Slack recommends.
const PAGE: u32 = 200;

/// So many pages are searched for what somebody has typed, before there are choices to show.
const PAGES: u32 = 5;

const ALL: &str = "public_channel,private_channel";
const PUBLIC: &str = "public_channel";

/// The id of a channel, such as `C0123456789`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ChannelId(String);

impl ChannelId {
    /// The id, if it is one and no name. Names have small letters.
    fn read(given: &str) -> Option<Self> {
        let given = given.trim();
        let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let is_id =
            given.starts_with(['C', 'D', 'G']) && given.len() > 8 && given.bytes().all(is_capital);
        is_id.then(|| Self(given.to_owned()))
    }

    /// The id of the channel that goes by this id or name.
    pub(crate) async fn find(context: &Context, given: &str) -> Result<Self> {
        if let Some(id) = Self::read(given) {
            return Ok(id);
        }
        let name = given.trim().trim_start_matches('#');
        let mut list = List::new(None);
        while let Some(channels) = list.next(context).await? {
            let is_it = |channel: &&Channel| channel.name.as_deref() == Some(name);
            if let Some(channel) = channels.iter().find(is_it) {
                return Ok(Self(channel.id.clone()));
            }
        }
        let message = format!(
            "Slack shows the app no channel #{name}: check the name, and invite the app where the channel is private."
        );
        Err(Error::new("CHANNEL_NOT_FOUND", message))
    }

    pub(crate) fn is(&self, id: &str) -> bool {
        self.0 == id
    }
}

impl<'de> Deserialize<'de> for ChannelId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        let expected = "the id of a channel, such as C0123456789";
        Self::read(&given)
            .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&given), &expected))
    }
}

impl JsonSchema for ChannelId {
    fn schema_name() -> Cow<'static, str> {
        "ChannelId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^\\s*[CDG][A-Z0-9]{8,}\\s*$"})
    }
}

#[derive(Deserialize)]
struct Channel {
    id: String,
    name: Option<String>,
    #[serde(default)]
    is_private: bool,
    #[serde(default)]
    is_member: Option<bool>,
}

#[derive(Deserialize)]
struct Answer {
    channels: Vec<Channel>,
    #[serde(default)]
    response_metadata: Option<More>,
}

#[derive(Deserialize)]
struct More {
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Ask<'a> {
    types: &'a str,
    exclude_archived: bool,
    limit: u32,
    cursor: Option<&'a str>,
}

/// The channels that the token may see, page by page.
struct List {
    types: &'static str,
    cursor: Option<String>,
    is_over: bool,
}

impl List {
    fn new(cursor: Option<String>) -> Self {
        Self {
            types: ALL,
            cursor,
            is_over: false,
        }
    }

    /// The next page; none at the end.
    async fn next(&mut self, context: &Context) -> Result<Option<Vec<Channel>>> {
        if self.is_over {
            return Ok(None);
        }
        let answer = match self.ask(context).await {
            // The token may not see private channels.
            Err(error) if error.code == "MISSING_SCOPE" && self.types == ALL => {
                self.types = PUBLIC;
                self.ask(context).await?
            }
            answer => answer?,
        };
        let cursor = answer.response_metadata.and_then(|more| more.next_cursor);
        let cursor =
            cursor.filter(|cursor| !cursor.is_empty() && self.cursor.as_ref() != Some(cursor));
        self.is_over = cursor.is_none();
        self.cursor = cursor;
        Ok(Some(answer.channels))
    }

    async fn ask(&self, context: &Context) -> Result<Answer> {
        let ask = Ask {
            types: self.types,
            exclude_archived: true,
            limit: PAGE,
            cursor: self.cursor.as_deref(),
        };
        fetch(request(context, "conversations.list", &ask)?).await
    }
}

/// The channels as choices of a config.
pub(crate) struct Channels;

impl OptionSource for Channels {
    const NAME: &'static str = "channels";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let search = query.search.unwrap_or_default().to_lowercase();
        let search = search.trim_start_matches('#');
        let (mut list, mut options) = (List::new(query.cursor), Vec::new());
        for _ in 0..PAGES {
            let Some(channels) = list.next(&context).await? else {
                break;
            };
            let choices = channels.into_iter().filter_map(Channel::into_choice);
            options.extend(choices.filter(|choice| choice.label.to_lowercase().contains(search)));
            if !options.is_empty() {
                break;
            }
        }
        Ok(Options {
            options,
            cursor: list.cursor,
        })
    }
}

impl Channel {
    fn into_choice(self) -> Option<OptionChoice> {
        let description = match (self.is_private, self.is_member) {
            (_, Some(false)) => Some("the app is not in it"),
            (true, _) => Some("private"),
            (false, _) => None,
        };
        Some(OptionChoice {
            value: self.id.into(),
            label: format!("#{}", self.name?),
            description: description.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn page(channels: Value, cursor: &str) -> Reply {
        let page =
            json!({"ok": true, "channels": channels, "response_metadata": {"next_cursor": cursor}});
        Reply::json(200, &page)
    }

    fn operations() -> Value {
        json!([
            {"id": "C0123456789", "name": "operations", "is_channel": true, "is_private": false, "is_member": true},
            {"id": "C0123456790", "name": "sales", "is_channel": true, "is_private": false, "is_member": false},
            {"id": "G0123456791", "name": "board", "is_channel": true, "is_private": true, "is_member": true},
        ])
    }

    fn load(query: Value, replies: Vec<Reply>) -> Ran {
        let stage = testing::plugin(crate::plugin()).options("slack", "channels", json!({}));
        let stage = stage.connected_app("slack", &json!({})).input(&query);
        let stage = replies
            .into_iter()
            .fold(stage, |stage, reply| stage.reply(reply));
        stage.run()
    }

    #[test]
    fn channels_are_choices() {
        let ran = load(json!({"source": "channels"}), vec![page(operations(), "")]);
        as_the_sdk("channels", &ran.requests[0]);
        assert_eq!(
            ran.output(),
            json!({"options": [
                {"value": "C0123456789", "label": "#operations"},
                {"value": "C0123456790", "label": "#sales", "description": "the app is not in it"},
                {"value": "G0123456791", "label": "#board", "description": "private"},
            ]})
        );
    }

    #[test]
    fn choices_are_searched_for_page_by_page() {
        let pages = vec![
            page(
                json!([{"id": "C0123456780", "name": "general"}]),
                "dGVhbTpDMDYx",
            ),
            page(operations(), "dGVhbTpDMDYy"),
        ];
        let ran = load(json!({"source": "channels", "search": "#Oper"}), pages);
        assert_eq!(
            ran.output(),
            json!({"options": [{"value": "C0123456789", "label": "#operations"}], "cursor": "dGVhbTpDMDYy"})
        );
    }

    #[test]
    fn a_token_that_may_not_see_private_channels_is_shown_the_others() {
        let refused = json!({"ok": false, "error": "missing_scope", "needed": "groups:read", "provided": "channels:read"});
        let query = json!({"source": "channels", "cursor": "dGVhbTpDMDYx"});
        let ran = load(query, vec![Reply::json(200, &refused), page(json!([]), "")]);
        assert_eq!(ran.requests.len(), 2);
        as_the_sdk("more_channels", &ran.requests[1]);
        let ran = load(
            json!({"source": "channels"}),
            vec![Reply::json(200, &refused), Reply::json(200, &refused)],
        );
        assert_eq!(
            ran.error().to_string(),
            "MISSING_SCOPE: slack.com answered 200: missing_scope. The token needs the scope groups:read: add it to the app at Slack, \
             and install the app again."
        );
    }

    #[test]
    fn ids_are_told_from_names() {
        for id in ["C0123456789", " G0123456789", "D01234567"] {
            assert!(ChannelId::read(id).is_some(), "{id}");
        }
        for name in [
            "#operations",
            "operations",
            "C012",
            "U0123456789",
            "c0123456789",
            "",
        ] {
            assert!(ChannelId::read(name).is_none(), "{name}");
        }
    }
}
