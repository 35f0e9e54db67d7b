//! What messages are sent from.

use std::collections::{HashMap, HashSet};

use jackfield_plugin_host::messages::{ProviderManifest, ResourceManifest};
use jackfield_storage::{
    StorageError,
    access::{Permit, Read},
    connected_app::{self, ConnectedApp},
    ids::{ConnectedAppId, ResourceId},
    message_template::MessageChannel,
    resource::{self, Resource, ResourceStatus},
};

use crate::ConnectedApps;

/// A message for which a sender is wanted: how it is sent, and the resource that it names.
pub type WantedSender = (MessageChannel, Option<ResourceId>);

/// What a message is sent from when the step that sends it says nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The resource; none when there is none that can be used.
    pub resource: Option<Resource>,
    /// Why it is not the one that the message names; a sentence.
    pub replaced: Option<String>,
}

/// The resource types of a provider that messages of a channel are sent from.
pub(super) fn types_of(
    provider: &ProviderManifest,
    channel: MessageChannel,
) -> impl Iterator<Item = &str> {
    let kinds = provider.resources.iter();
    kinds
        .filter(move |kind| channel_of(kind) == Some(channel))
        .map(|kind| kind.resource_type.as_str())
}

fn channel_of(kind: &ResourceManifest) -> Option<MessageChannel> {
    MessageChannel::in_manifest(kind.channel.as_deref()?)
}

impl ConnectedApps {
    /// The channel that messages are sent on from a resource, if any are, as its plugin has it now.
    pub fn channel_of(&self, resource: &Resource) -> Option<MessageChannel> {
        let provider = self.host.provider(&resource.provider)?;
        let mut kinds = provider.manifest.resources.iter();
        kinds
            .find(|kind| kind.resource_type == resource.resource_type)
            .and_then(channel_of)
    }

    /// The senders of these messages: the resource that one names, if it can be used. Otherwise the default of the same app, and
    /// if that has none, the oldest default among those of default apps, or else of any.
    pub async fn senders(
        &self,
        permit: &Permit<Read>,
        wanted: &[WantedSender],
    ) -> Result<HashMap<WantedSender, Sender>, StorageError> {
        let db = self.store.reader();
        let chosen: Vec<ResourceId> = wanted.iter().filter_map(|(_, id)| *id).collect();
        let chosen = match chosen.is_empty() {
            true => Vec::new(),
            false => resource::find_deleted_too(db, permit, &chosen).await?,
        };
        let channels: HashSet<MessageChannel> =
            wanted.iter().map(|(channel, _)| *channel).collect();
        let kinds: Vec<(String, String)> = channels
            .iter()
            .flat_map(|channel| self.kinds_of(*channel))
            .collect();
        let defaults = resource::usable_defaults(db, permit, &kinds).await?;
        let apps: Vec<ConnectedAppId> = defaults.iter().map(|row| row.app_id).collect();
        let apps = connected_app::find_many(db, permit, &apps).await?;
        let sender = |(channel, id): &WantedSender| {
            let of_channel = defaults
                .iter()
                .filter(|row| self.channel_of(row) == Some(*channel));
            let of_channel: Vec<&Resource> = of_channel.collect();
            match id {
                None => Sender {
                    resource: preferred(&of_channel, &apps, None).cloned(),
                    replaced: None,
                },
                Some(id) => {
                    let named = chosen.iter().find(|row| row.id == *id);
                    chosen_or_default(named, preferred(&of_channel, &apps, named))
                }
            }
        };
        let found = wanted.iter().map(|wanted| (*wanted, sender(wanted)));
        Ok(found.collect())
    }

    /// All resource types that messages of a channel are sent from, with their providers.
    fn kinds_of(&self, channel: MessageChannel) -> Vec<(String, String)> {
        let mut kinds = Vec::new();
        for provider in self.host.providers() {
            let name = &provider.manifest.name;
            let types = types_of(&provider.manifest, channel);
            kinds.extend(types.map(|kind| (name.clone(), kind.to_owned())));
        }
        kinds
    }
}

fn preferred<'r>(
    defaults: &[&'r Resource],
    apps: &[ConnectedApp],
    named: Option<&Resource>,
) -> Option<&'r Resource> {
    let of_app = |row: &&&Resource| named.is_some_and(|named| named.app_id == row.app_id);
    let of_default_app = |row: &&&Resource| {
        apps.iter()
            .any(|app| app.id == row.app_id && app.is_default)
    };
    let found = defaults
        .iter()
        .find(of_app)
        .or_else(|| defaults.iter().find(of_default_app));
    found.or(defaults.first()).copied()
}

fn chosen_or_default(named: Option<&Resource>, default: Option<&Resource>) -> Sender {
    let why = match named {
        Some(row) if row.deleted_at.is_some() => format!("`{}` was deleted", row.value),
        Some(row) if row.status != ResourceStatus::Verified => {
            format!("`{}` is not verified", row.value)
        }
        Some(row) => {
            return Sender {
                resource: Some(row.clone()),
                replaced: None,
            };
        }
        None => "the resource is gone".to_owned(),
    };
    let instead = match default {
        Some(default) => format!("the default, `{}`, is used in its place", default.value),
        None => "there is no verified default to take its place".to_owned(),
    };
    Sender {
        resource: default.cloned(),
        replaced: Some(format!("{why}: {instead}")),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_storage::{Clock, Timestamp};

    use super::*;

    fn row(value: &str, status: ResourceStatus, deleted: bool) -> Resource {
        let clock = Clock::system();
        Resource {
            id: clock.id(),
            workspace_id: clock.id(),
            app_id: clock.id(),
            provider: "postmark".to_owned(),
            resource_type: "sender_email".to_owned(),
            value: value.to_owned(),
            label: None,
            is_default: true,
            status,
            message: None,
            status_since: None,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            deleted_at: deleted.then_some(Timestamp::EPOCH),
            revision: 0,
        }
    }

    fn told(named: Option<&Resource>, default: Option<&Resource>) -> String {
        let sender = chosen_or_default(named, default);
        let value = sender
            .resource
            .map_or("nothing".to_owned(), |row| row.value);
        format!("{value}; {}", sender.replaced.unwrap_or_default())
    }

    #[test]
    fn what_cannot_be_used_is_replaced_and_says_why() {
        let default = row("default", ResourceStatus::Verified, false);
        let good = row("good", ResourceStatus::Verified, false);
        let deleted = row("deleted", ResourceStatus::Verified, true);
        let pending = row("pending", ResourceStatus::Pending, false);
        insta::assert_snapshot!(told(Some(&good), Some(&default)), @"good; ");
        insta::assert_snapshot!(told(Some(&deleted), Some(&default)), @"default; `deleted` was deleted: the default, `default`, is used in its place");
        insta::assert_snapshot!(told(Some(&pending), None), @"nothing; `pending` is not verified: there is no verified default to take its place");
        insta::assert_snapshot!(told(None, Some(&default)), @"default; the resource is gone: the default, `default`, is used in its place");
    }

    #[test]
    fn the_default_of_the_same_app_comes_first() {
        let (one, other) = (
            row("one", ResourceStatus::Verified, false),
            row("other", ResourceStatus::Verified, false),
        );
        let mut named = row("named", ResourceStatus::Verified, true);
        assert_eq!(preferred(&[&one, &other], &[], Some(&named)), Some(&one));
        named.app_id = other.app_id;
        assert_eq!(preferred(&[&one, &other], &[], Some(&named)), Some(&other));
        assert_eq!(preferred(&[], &[], Some(&named)), None);
    }
}
