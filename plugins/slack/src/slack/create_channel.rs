//! <https://docs.slack.dev/reference/methods/conversations.create>

use jackfield_plugin_sdk::prelude::*;

use crate::api::{fetch, request};

/// Creates a channel. The app is its first member.
#[derive(Config, Body)]
pub(super) struct CreateChannel {
    /// Small letters, digits, hyphens and underscores; at most 80 of them.
    #[field(
        label = "Channel name",
        placeholder = "job-12",
        min_length = 1,
        max_length = 81
    )]
    name: String,
    /// Whether only those who are invited see it.
    #[field(body = "is_private")]
    private: Option<bool>,
    /// In which workspace, where the token is of an organisation with several.
    #[field(advanced, label = "Workspace ID", placeholder = "T0123456789")]
    team_id: Option<String>,
}

/// What Slack says of it.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Created {
    /// The channel.
    channel: Channel,
}

/// A channel.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Channel {
    /// Such as `C0123456789`.
    id: String,
    /// Without the `#`.
    name: String,
}

impl Operation for CreateChannel {
    const NAME: &'static str = "create_channel";
    type Output = Whole<Created>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        self.name = self.name.trim().trim_start_matches('#').to_owned();
        fetch(request(&context, "conversations.create", &self)?).await
    }
}
