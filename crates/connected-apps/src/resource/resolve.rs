//! From the resources that a node's config names to the values that its plugin sees.

use jackfield_plugin_host::messages::CallError;
use jackfield_storage::{
    ids::ResourceId,
    message_template::MessageChannel,
    resource::{self, Resource, ResourceStatus},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::sender;
use crate::{StepServices, app::OpenApp, code};

/// The member of a rendered message that says what it is sent from.
const FROM: &str = "from";

/// A config without ids of resources.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The members that are another value now, by their names.
    pub members: Map<String, Value>,
    /// What was done otherwise than the config says.
    pub warnings: Vec<ResourceWarning>,
}

/// Something that was done otherwise than a config says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceWarning {
    /// Stable.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

/// The members of a config that stand for resources, with their types.
type Kinds<'a> = &'a [(String, String)];

/// A member of a config that holds a rendered message, and how that is sent.
type Message<'a> = (&'a str, MessageChannel);

impl StepServices {
    /// Looks up the resources that `config` names. `kinds` are its members that stand for resources, with their types;
    /// `messages` are those that hold rendered messages.
    ///
    /// An id becomes the resource's value. That of a resource that is gone becomes the value of the default, with a warning; so
    /// does what is absent, without one. Values that people wrote themselves stay.
    ///
    /// What a message is sent from is what the config itself says, in a member whose type is one that messages of the channel are
    /// sent from; otherwise the sender that the message names, and the default where that one is gone or not verified. It
    /// becomes the message's `from`, and the member where that is absent.
    ///
    /// # Errors
    /// When a resource is not verified, of another app or of another type; and when one is gone that no default replaces.
    pub async fn resolve(
        &self,
        kinds: Kinds<'_>,
        messages: &[Message<'_>],
        config: &Map<String, Value>,
    ) -> Result<Resolved, CallError> {
        let Some(app) = self.open_app() else {
            return Ok(without_senders(messages, config));
        };
        let named = kinds
            .iter()
            .filter_map(|(member, _)| id(config.get(member)));
        let senders = messages
            .iter()
            .filter_map(|(member, _)| id(config.get(*member)?.get(FROM)));
        let ids: Vec<ResourceId> = named.chain(senders).collect();
        let is_open = |(member, _): &(String, String)| is_absent(config.get(member));
        if ids.is_empty() && messages.is_empty() && !kinds.iter().any(is_open) {
            return Ok(Resolved::default());
        }
        let permit = self.permit();
        let rows = resource::wanted(self.store().reader(), &permit, app.id, &ids);
        let rows = rows.await.map_err(|error| {
            tracing::error!(%error, app = %app.id, "the resources of a connected app could not be read");
            CallError::new(code::APP_UNREADABLE, "the resources of the connected app could not be read").retryable()
        })?;
        let known = Known { app, rows: &rows };
        let mut resolved = known.named(kinds, config)?;
        for message in messages {
            known.sender(*message, kinds, config, &mut resolved)?;
        }
        for (member, kind) in kinds {
            let is_open = is_absent(config.get(member)) && !resolved.members.contains_key(member);
            if let Some(row) = known.default(kind).filter(|_| is_open) {
                let value = row.value.as_str().into();
                resolved.members.insert(member.clone(), value);
            }
        }
        Ok(resolved)
    }
}

/// The app of a step, and the resources that are of interest.
struct Known<'a> {
    app: &'a OpenApp,
    rows: &'a [Resource],
}

impl<'a> Known<'a> {
    /// The verified default of a type.
    fn default(&self, kind: &str) -> Option<&'a Resource> {
        self.rows.iter().find(|row| {
            row.is_default
                && row.app_id == self.app.id
                && row.resource_type == kind
                && is_usable(row)
        })
    }

    /// The values of the resources that the members name.
    fn named(&self, kinds: Kinds<'_>, config: &Map<String, Value>) -> Result<Resolved, CallError> {
        let mut resolved = Resolved::default();
        for (member, kind) in kinds {
            let Some(id) = id(config.get(member)) else {
                continue;
            };
            let row = match self.rows.iter().find(|row| row.id == id) {
                Some(row) => self.checked(row, member, kind)?,
                None => {
                    let default = replaced(id, member, kind, self.default(kind))?;
                    resolved.warnings.push(warning(id, member, default));
                    default
                }
            };
            let value = row.value.as_str().into();
            resolved.members.insert(member.clone(), value);
        }
        Ok(resolved)
    }

    fn checked(
        &self,
        row: &'a Resource,
        member: &str,
        kind: &str,
    ) -> Result<&'a Resource, CallError> {
        let why = if row.app_id != self.app.id {
            format!(
                "it is one of another connected app than `{}`, which the step uses",
                self.app.name
            )
        } else if row.resource_type != kind {
            format!(
                "it is of the type {}, and {kind} is wanted",
                row.resource_type
            )
        } else if !is_usable(row) {
            "it is not verified: verify it with its provider, or choose another one".to_owned()
        } else {
            return Ok(row);
        };
        let message = format!(
            "`{member}` is the resource `{}`, which cannot be used: {why}",
            row.value
        );
        Err(CallError::new(code::RESOURCE_UNUSABLE, message))
    }

    /// Gives a message what it is sent from.
    fn sender(
        &self,
        (member, channel): Message<'_>,
        kinds: Kinds<'_>,
        config: &Map<String, Value>,
        resolved: &mut Resolved,
    ) -> Result<(), CallError> {
        let Some(message) = config.get(member).and_then(Value::as_object) else {
            return Ok(());
        };
        let provider = &self.app.provider.manifest;
        let types: Vec<&str> = sender::types_of(provider, channel).collect();
        let of_type = |(_, kind): &&(String, String)| types.contains(&kind.as_str());
        let own: Vec<&String> = kinds.iter().filter(of_type).map(|(own, _)| own).collect();
        let given = own.iter().find_map(|own| {
            let value = resolved.members.get(*own).or_else(|| config.get(*own));
            value.filter(|value| !value.is_null()).cloned()
        });
        let from = match given {
            Some(given) => Some(given),
            None => self.named_sender(member, message.get(FROM), &types, resolved)?,
        };
        if let Some(from) = &from {
            for own in own {
                if is_absent(config.get(own)) {
                    resolved.members.insert(own.clone(), from.clone());
                }
            }
        }
        if message.get(FROM) != from.as_ref() {
            let message = with_from(message, from);
            resolved.members.insert(member.to_owned(), message);
        }
        Ok(())
    }

    /// The sender that a message names, or the default in its place.
    fn named_sender(
        &self,
        member: &str,
        from: Option<&Value>,
        types: &[&str],
        resolved: &mut Resolved,
    ) -> Result<Option<Value>, CallError> {
        let default = types.iter().find_map(|kind| self.default(kind));
        let value = |row: &Resource| Value::from(row.value.as_str());
        let Some(id) = id(from) else {
            // What is no id was written out, or put there for an earlier attempt.
            return Ok(from
                .filter(|from| !from.is_null())
                .cloned()
                .or(default.map(value)));
        };
        let row = self.rows.iter().find(|row| row.id == id);
        let why = match row {
            // Nobody wants to send from an address of another account unasked.
            Some(row) if row.app_id != self.app.id => {
                let message = format!(
                    "the sender of the message in `{member}` is `{}`, which is one of another connected app than `{}`, which the step \
                     uses: choose another one in the message template or in the node",
                    row.value, self.app.name
                );
                return Err(CallError::new(code::RESOURCE_UNUSABLE, message));
            }
            Some(row) if !is_usable(row) => format!("`{}`, which is not verified", row.value),
            Some(row) => return Ok(Some(value(row))),
            None => format!("the resource {id}, which is gone"),
        };
        let Some(default) = default else {
            let message = format!(
                "the sender of the message in `{member}` is {why}, and the connected app `{}` has no verified default to take its \
                 place: choose another one in the message template or in the node",
                self.app.name
            );
            return Err(CallError::new(code::RESOURCE_NOT_FOUND, message));
        };
        resolved.warnings.push(ResourceWarning {
            code: code::RESOURCE_REPLACED,
            message: format!(
                "the sender of the message in `{member}` is {why}: the default, `{}`, was used in its place",
                default.value
            ),
        });
        Ok(Some(value(default)))
    }
}

/// A plugin never sees the id of a resource, also where there is no app whose it could be.
fn without_senders(messages: &[Message<'_>], config: &Map<String, Value>) -> Resolved {
    let mut resolved = Resolved::default();
    for (member, _) in messages {
        let message = config.get(*member).and_then(Value::as_object);
        let Some(message) = message.filter(|message| id(message.get(FROM)).is_some()) else {
            continue;
        };
        let without = with_from(message, None);
        resolved.members.insert((*member).to_owned(), without);
        resolved.warnings.push(ResourceWarning {
            code: code::RESOURCE_REPLACED,
            message: format!(
                "the message in `{member}` names a sender, and the step has no connected app: nothing was put in its place"
            ),
        });
    }
    resolved
}

fn with_from(message: &Map<String, Value>, from: Option<Value>) -> Value {
    let mut message = message.clone();
    match from {
        Some(from) => drop(message.insert(FROM.to_owned(), from)),
        None => drop(message.shift_remove(FROM)),
    }
    Value::Object(message)
}

fn id(given: Option<&Value>) -> Option<ResourceId> {
    given?.as_str()?.trim().parse().ok()
}

fn is_absent(given: Option<&Value>) -> bool {
    given.is_none_or(Value::is_null)
}

fn is_usable(row: &Resource) -> bool {
    row.status == ResourceStatus::Verified
}

fn replaced<'r>(
    id: ResourceId,
    member: &str,
    kind: &str,
    default: Option<&'r Resource>,
) -> Result<&'r Resource, CallError> {
    default.ok_or_else(|| {
        let message = format!(
            "`{member}` is the resource {id}, which is gone, and there is no verified default of the type {kind} to take its place: \
             choose another one in the node"
        );
        CallError::new(code::RESOURCE_NOT_FOUND, message)
    })
}

fn warning(id: ResourceId, member: &str, default: &Resource) -> ResourceWarning {
    ResourceWarning {
        code: code::RESOURCE_REPLACED,
        message: format!(
            "`{member}` is the resource {id}, which is gone: the default, `{}`, was used in its place",
            default.value
        ),
    }
}
