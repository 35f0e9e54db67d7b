//! What uses apps, resources and message templates: nodes of drafts and of published versions.

use std::collections::HashMap;
use std::hash::Hash;

use jackfield_storage::{
    StorageError,
    access::{Permit, Read},
    connected_app::ConnectedApp,
    ids::{ConnectedAppId, Id, WorkflowId, WorkflowVersionId},
    workflow_version::{self, WorkflowVersion},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::ConnectedApps;

/// A version of a workflow that uses something, and the nodes that do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The workflow.
    pub workflow: WorkflowId,
    /// Its draft, or its published version.
    pub version: WorkflowVersionId,
    /// The keys of the nodes.
    pub nodes: Vec<String>,
}

#[derive(Deserialize)]
struct Definition {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    key: String,
    #[serde(rename = "type")]
    kind: String,
    connected_app_id: Option<ConnectedAppId>,
    config: Option<Box<RawValue>>,
}

impl ConnectedApps {
    /// What uses these apps. A node that names none uses the default of the provider that it needs.
    pub async fn uses_of_apps(
        &self,
        permit: &Permit<Read>,
        apps: &[ConnectedApp],
    ) -> Result<HashMap<ConnectedAppId, Vec<Use>>, StorageError> {
        let by_default = |app: &ConnectedApp| match app.is_default {
            true => self.nodes_that_need(&app.provider),
            false => Vec::new(),
        };
        let apps: Vec<(ConnectedAppId, Vec<String>)> =
            apps.iter().map(|app| (app.id, by_default(app))).collect();
        let named = apps.iter().map(|(id, _)| id.to_string());
        let kinds = apps.iter().flat_map(|(_, kinds)| kinds);
        let texts: Vec<String> = named
            .chain(kinds.map(|kind| format!("\"type\":\"{kind}\"")))
            .collect();
        let uses = |(id, kinds): &(ConnectedAppId, Vec<String>), node: &Node| {
            node.connected_app_id == Some(*id)
                || (node.connected_app_id.is_none() && kinds.contains(&node.kind))
        };
        let found = self.users(permit, &texts, &apps, uses).await?;
        Ok(found
            .into_iter()
            .map(|((id, _), uses)| (id, uses))
            .collect())
    }

    /// What refers to these resources, message templates or the like in a config, by their ids.
    pub async fn uses_of<I: Id + Hash>(
        &self,
        permit: &Permit<Read>,
        ids: &[I],
    ) -> Result<HashMap<I, Vec<Use>>, StorageError> {
        let named: Vec<(I, String)> = ids.iter().map(|id| (*id, id.to_string())).collect();
        let texts: Vec<String> = named.iter().map(|(_, text)| text.clone()).collect();
        let uses = |(_, text): &(I, String), node: &Node| {
            let config = node.config.as_ref().map_or("", |config| config.get());
            config.contains(text.as_str())
        };
        let found = self.users(permit, &texts, &named, uses).await?;
        Ok(found
            .into_iter()
            .map(|((id, _), uses)| (id, uses))
            .collect())
    }

    /// The versions that have one of `texts` in them, by those of `wanted` that their nodes use.
    async fn users<W: Clone + Eq + Hash>(
        &self,
        permit: &Permit<Read>,
        texts: &[String],
        wanted: &[W],
        uses: impl Fn(&W, &Node) -> bool,
    ) -> Result<HashMap<W, Vec<Use>>, StorageError> {
        let versions = workflow_version::current_with(self.store.reader(), permit, texts).await?;
        let mut found: HashMap<W, Vec<Use>> = HashMap::new();
        for version in versions {
            let nodes = nodes(&version);
            for one in wanted {
                let keys: Vec<String> = nodes
                    .iter()
                    .filter(|node| uses(one, node))
                    .map(|node| node.key.clone())
                    .collect();
                if !keys.is_empty() {
                    found.entry(one.clone()).or_default().push(Use {
                        workflow: version.workflow_id,
                        version: version.id,
                        nodes: keys,
                    });
                }
            }
        }
        Ok(found)
    }

    /// The types of node that cannot work without an app of the provider.
    fn nodes_that_need(&self, provider: &str) -> Vec<String> {
        let nodes = self.host.node_types().into_iter();
        nodes
            .filter(|node| {
                node.manifest.provider_required
                    && node.manifest.provider.as_deref() == Some(provider)
            })
            .map(|node| node.manifest.node_type.clone())
            .collect()
    }
}

/// A definition that cannot be read uses nothing: no run can follow it either.
fn nodes(version: &WorkflowVersion) -> Vec<Node> {
    let definition: Option<Definition> = version.definition.parse().ok();
    definition.map_or_else(Vec::new, |definition| definition.nodes)
}
