//! The resources that an attempt is made with: looked up before it begins, and on disk with the word that it does.
//!
//! So whatever becomes of a resource, and whenever the process dies, every attempt of a step is made with the same.

use futures_util::future::join_all;
use jackfield_connected_apps::StepServices;
use jackfield_plugin_host::messages::CallError;
use jackfield_storage::Json;

use super::call::{Attempt, unreadable};
use super::drive::Driver;
use crate::definition::Node;
use crate::machine::Place;

/// A config with the values of resources in the place of their ids.
pub(crate) struct ResolvedConfig {
    pub config: Json,
    /// What was done otherwise than it said, as a list.
    pub warnings: Option<Json>,
}

impl Attempt {
    fn wants_resources(&self) -> bool {
        let hints = &self.definition.node(self.place.node).kind.hints;
        !hints.resources.is_empty() || !hints.messages.is_empty()
    }

    /// Looks up the resources that its config names. Why they cannot be used is what the attempt comes to.
    async fn settle(&mut self) -> Option<ResolvedConfig> {
        let opened = self.look_up().await;
        let (services, resolved) = match opened {
            Ok((services, resolved)) => (Ok(services), resolved),
            Err(error) => (Err(error), None),
        };
        self.services = Some(services);
        if let Some(resolved) = &resolved {
            self.config = resolved.config.clone();
        }
        resolved
    }

    async fn look_up(&self) -> Result<(StepServices, Option<ResolvedConfig>), CallError> {
        let services = self.open().await?;
        let node = self.definition.node(self.place.node);
        let resolved = resolve(&services, node, &self.config).await?;
        Ok((services, resolved))
    }
}

impl Driver {
    /// Looks up the resources of the ready attempts, and puts what they are into their rows.
    pub(super) async fn settle(&mut self) {
        let ready = self.ready.iter_mut();
        let wanting = ready.filter(|attempt| attempt.wants_resources());
        let settled = wanting.map(|attempt| async move {
            let resolved = attempt.settle().await?;
            Some((attempt.place.clone(), resolved))
        });
        let settled: Vec<Option<(Place, ResolvedConfig)>> = join_all(settled).await;
        for (place, resolved) in settled.into_iter().flatten() {
            let row = self.row(&place);
            row.input = Some(resolved.config);
            row.warnings = resolved.warnings.or(row.warnings.take());
        }
    }
}

/// Puts the values of resources into a config, those of the senders of messages among them; none when there is nothing to change.
pub(crate) async fn resolve(
    services: &StepServices,
    node: &Node,
    config: &Json,
) -> Result<Option<ResolvedConfig>, CallError> {
    let hints = &node.kind.hints;
    if hints.resources.is_empty() && hints.messages.is_empty() {
        return Ok(None);
    }
    let serde_json::Value::Object(mut members) = config.value() else {
        return Ok(None);
    };
    let messages: Vec<_> = hints
        .messages_in(&members)
        .map(|(member, _)| (member.name.as_str(), member.channel))
        .collect();
    let resolved = services
        .resolve(&hints.resources_in(&members), &messages, &members)
        .await?;
    if resolved.members.is_empty() {
        return Ok(None);
    }
    members.extend(resolved.members);
    let warnings = match resolved.warnings.is_empty() {
        true => None,
        false => Some(Json::of(&resolved.warnings).map_err(|error| unreadable(&error))?),
    };
    Ok(Some(ResolvedConfig {
        config: Json::from(serde_json::Value::Object(members)),
        warnings,
    }))
}
