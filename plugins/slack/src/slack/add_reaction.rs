//! <https://docs.slack.dev/reference/methods/reactions.add>

use jackfield_plugin_sdk::prelude::*;

use crate::api::{fetch, request};
use crate::channel::ChannelId;
use crate::message_link::MessageLink;

/// Puts an emoji on a message.
#[derive(Config)]
pub(super) struct AddReaction {
    /// Where the message is: a channel by its id or name.
    #[field(options = "channels", placeholder = "#operations", min_length = 1)]
    channel: String,
    /// Which message: its `ts`, or its link.
    #[field(placeholder = "{{ steps.post.output.ts }}")]
    message: MessageLink,
    /// By its name, with or without colons.
    #[field(
        placeholder = "white_check_mark",
        pattern = "^\\s*:?[^:\\s]+(::skin-tone-[2-6])?:?\\s*$"
    )]
    emoji: String,
}

/// A reaction, as Slack wants it.
#[derive(Serialize)]
struct Reaction<'a> {
    channel: ChannelId,
    timestamp: &'a str,
    name: &'a str,
}

/// What is on the message now.
#[derive(Serialize, JsonSchema)]
pub(super) struct Reacted {
    /// The id of the channel.
    channel: ChannelId,
    /// The message.
    ts: String,
    /// The emoji.
    emoji: String,
    /// Whether the app had put it there before.
    already: bool,
}

impl Operation for AddReaction {
    const NAME: &'static str = "add_reaction";
    type Output = Reacted;

    async fn run(self, context: Context) -> Result<Reacted> {
        let channel = ChannelId::find(&context, &self.channel).await?;
        let reaction = Reaction {
            channel,
            timestamp: self.message.timestamp(),
            name: self.emoji.trim().trim_matches(':'),
        };
        // The same emoji of the same app is on a message once, however often it is put there.
        let put = request(&context, "reactions.add", &reaction)?.repeatable();
        let already = match fetch::<Value>(put).await {
            Ok(_) => false,
            Err(error) if error.code == "ALREADY_REACTED" => true,
            Err(error) => return Err(error),
        };
        Ok(Reacted {
            ts: reaction.timestamp.to_owned(),
            emoji: reaction.name.to_owned(),
            channel: reaction.channel,
            already,
        })
    }
}
