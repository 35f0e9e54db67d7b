use async_graphql::SimpleObject;
use jackfield_plugin_host::messages::ResourceManifest;
use jackfield_storage::message_template;

use crate::message_template::MessageChannel;

/// A kind of thing that an account has and nodes refer to, such as phone numbers.
#[derive(SimpleObject)]
pub struct ResourceType {
    /// What `createResource` calls it, such as `sender_email`.
    r#type: String,
    /// What people call it.
    name: String,
    /// What it is, in a sentence or two.
    description: String,
    /// How messages are sent from it, so that message templates can name one as their sender; null when none are.
    channel: Option<MessageChannel>,
    /// Most of them that a connected app may hold; null when the plugin does not say.
    max: Option<i32>,
    /// What its values look like: `email`, `e164` or `https-url`; null for any text.
    format: Option<String>,
    /// A regular expression that its values match; null for none.
    pattern: Option<String>,
    /// Whether the provider can list what the account has, so that `importResources` can take it over.
    list: bool,
    /// Whether the provider can be asked if a certain one may be used.
    verify: bool,
}

impl ResourceType {
    /// What a manifest says.
    pub fn of(kind: &ResourceManifest) -> Self {
        let channel = kind.channel.as_deref();
        let channel = channel.and_then(message_template::MessageChannel::in_manifest);
        Self {
            r#type: kind.resource_type.clone(),
            name: kind.name.clone(),
            description: kind.description.clone(),
            channel: channel.map(MessageChannel::from),
            max: kind.max.map(|max| i32::try_from(max).unwrap_or(i32::MAX)),
            format: kind.format.clone(),
            pattern: kind.pattern.clone(),
            list: kind.list,
            verify: kind.verify || kind.list,
        }
    }
}
