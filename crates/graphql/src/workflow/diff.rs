use async_graphql::{Enum, SimpleObject};
use jackfield_storage::Json;
use jackfield_workflows::definition;

use crate::scalars::JsonScalar;

/// What is different between two versions.
#[derive(SimpleObject)]
pub struct WorkflowDiff {
    /// The nodes that are different.
    nodes: Vec<NodeChange>,
    /// The edges that are different.
    edges: Vec<EdgeChange>,
    /// The settings that are different; their paths start within `settings`.
    settings: Vec<ChangedValue>,
}

/// What happened to a node or an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "definition::Change")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Something about it is different.
    Changed,
}

/// A node that is different. Nodes are told apart by their keys.
#[derive(SimpleObject)]
struct NodeChange {
    /// Its key.
    node_key: String,
    /// What happened to it.
    change: ChangeKind,
    /// What about it is different; empty unless it was changed.
    values: Vec<ChangedValue>,
}

/// A value of a node, or a setting, that is different.
#[derive(SimpleObject)]
struct ChangedValue {
    /// The path within the node or the settings, list positions as numbers.
    path: Vec<String>,
    /// What it was; null when it was not there.
    before: Option<JsonScalar>,
    /// What it is; null when it is not there.
    after: Option<JsonScalar>,
}

/// An edge that is different. An edge is never changed: it is another one.
#[derive(SimpleObject)]
struct EdgeChange {
    /// Whether it is new or gone.
    change: ChangeKind,
    /// The key of the node that it leaves.
    from: String,
    /// The output port that it leaves by.
    from_port: String,
    /// The key of the node that it enters.
    to: String,
    /// The input port that it enters by.
    to_port: String,
}

impl From<definition::Diff> for WorkflowDiff {
    fn from(diff: definition::Diff) -> Self {
        Self {
            nodes: diff.nodes.into_iter().map(Into::into).collect(),
            edges: diff.edges.into_iter().map(Into::into).collect(),
            settings: diff.settings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<definition::NodeChange> for NodeChange {
    fn from(node: definition::NodeChange) -> Self {
        Self {
            node_key: node.key,
            change: node.change.into(),
            values: node.values.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<definition::EdgeChange> for EdgeChange {
    fn from(changed: definition::EdgeChange) -> Self {
        Self {
            change: changed.change.into(),
            from: changed.edge.from,
            from_port: changed.edge.from_port,
            to: changed.edge.to,
            to_port: changed.edge.to_port,
        }
    }
}

impl From<definition::ChangedValue> for ChangedValue {
    fn from(value: definition::ChangedValue) -> Self {
        let json = |value: serde_json::Value| JsonScalar(Json::from(value));
        Self {
            path: value.path,
            before: value.before.map(json),
            after: value.after.map(json),
        }
    }
}
