//! From the resources that a node's config names to the values that its plugin sees.

use jackfield_plugin_host::messages::CallError;
use jackfield_storage::{
    ids::ResourceId,
    resource::{self, Resource, ResourceStatus},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{StepServices, code};

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

impl StepServices {
    /// Looks up the resources that `config` names. `kinds` are its members that stand for resources, with their types.
    ///
    /// An id becomes the resource's value. That of a resource that is gone becomes the value of the default, with a warning; so
    /// does what is absent, without one. Values that people wrote themselves stay.
    ///
    /// # Errors
    /// When a resource is not verified, of another app or of another type; and when one is gone that no default replaces.
    pub async fn resolve(
        &self,
        kinds: &[(String, String)],
        config: &Map<String, Value>,
    ) -> Result<Resolved, CallError> {
        let mut resolved = Resolved::default();
        let Some(app) = self.open_app().filter(|_| !kinds.is_empty()) else {
            return Ok(resolved);
        };
        let named = kinds
            .iter()
            .filter_map(|(member, _)| id(config.get(member)));
        let ids: Vec<ResourceId> = named.collect();
        let is_open =
            |(member, _): &(String, String)| matches!(config.get(member), None | Some(Value::Null));
        if ids.is_empty() && !kinds.iter().any(is_open) {
            return Ok(resolved);
        }
        let permit = self.permit();
        let rows = resource::wanted(self.store().reader(), &permit, app.id, &ids);
        let rows = rows.await.map_err(|error| {
            tracing::error!(%error, app = %app.id, "the resources of a connected app could not be read");
            CallError::new(code::APP_UNREADABLE, "the resources of the connected app could not be read").retryable()
        })?;
        for (member, kind) in kinds {
            let default = rows
                .iter()
                .find(|row| row.is_default && row.app_id == app.id && row.resource_type == *kind);
            let found = match config.get(member) {
                None | Some(Value::Null) => default.filter(|row| is_usable(row)),
                given => match id(given) {
                    Some(id) => match rows.iter().find(|row| row.id == id) {
                        Some(row) => Some(checked(
                            row,
                            (member, kind),
                            &app.name,
                            row.app_id == app.id,
                        )?),
                        None => {
                            let default = replaced(id, member, kind, default)?;
                            resolved.warnings.push(warning(id, member, default));
                            Some(default)
                        }
                    },
                    None => continue,
                },
            };
            if let Some(row) = found {
                resolved
                    .members
                    .insert(member.clone(), row.value.as_str().into());
            }
        }
        Ok(resolved)
    }
}

fn id(given: Option<&Value>) -> Option<ResourceId> {
    given?.as_str()?.trim().parse().ok()
}

fn is_usable(row: &Resource) -> bool {
    row.status == ResourceStatus::Verified
}

fn checked<'r>(
    row: &'r Resource,
    (member, kind): (&str, &str),
    app: &str,
    is_of_app: bool,
) -> Result<&'r Resource, CallError> {
    let why = if !is_of_app {
        format!("it is one of another connected app than `{app}`, which the step uses")
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

fn replaced<'r>(
    id: ResourceId,
    member: &str,
    kind: &str,
    default: Option<&'r Resource>,
) -> Result<&'r Resource, CallError> {
    default.filter(|row| is_usable(row)).ok_or_else(|| {
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
