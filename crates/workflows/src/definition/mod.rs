//! What a workflow is: a graph of nodes, checked.
//!
//! [`Definition::parse`] is the only way to one, so a definition that exists is valid: every node has a known type and a
//! config that fits it, every edge joins ports that there are, nothing goes round in a circle, every node can be reached
//! from a trigger, and every expression parses and reads only steps that come before it.

mod check;
mod diff;
mod document;
mod duration;
mod fields;
mod graph;
mod nearest;
mod parse;
mod region;
mod schema;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jackfield_connected_apps::AppChoice;
use jackfield_storage::ids::{ConnectedAppId, MessageTemplateId};
use jackfield_storage::message_template::MessageChannel;

use crate::expression::Template;
use crate::machine::RetryPolicy;
use crate::nodes::NodeType;

pub use diff::{Change, ChangedValue, Diff, EdgeChange, NodeChange};
pub use document::{Document, EdgeDocument, NodeDocument, Position, RetryDocument};
pub use duration::{format_duration, parse_duration};
pub(crate) use nearest::nearest;
pub use region::{Region, RegionIndex};
pub use settings::{ConcurrencyDocument, Settings, SettingsDocument};

/// The most nodes a definition may have.
pub const MAX_NODES: usize = 1_000;

/// The most edges a definition may have.
pub const MAX_EDGES: usize = 5_000;

/// The largest definition, in bytes of JSON.
pub const MAX_SIZE: usize = 2 * 1024 * 1024;

/// The largest config of a node, in bytes of JSON.
pub const MAX_CONFIG: usize = 256 * 1024;

/// The most expressions a definition may hold.
pub const MAX_EXPRESSIONS: usize = 10_000;

/// The most problems that are told at once.
pub const MAX_PROBLEMS: usize = 100;

/// The port that a node's result leaves by, and that an edge starts at when it names none.
pub const DATA_OUT: &str = "data-out";

/// The port that an edge ends at when it names none.
pub const DATA_IN: &str = "data-in";

/// The port of a `for-each` by which its items leave, one by one.
pub const ITEM: &str = "item";

/// The port by which a wait leaves that took too long.
pub const TIMEOUT: &str = "timeout";

/// The port that a failure leaves by.
pub const ERROR: &str = "error";

/// A checked workflow.
pub struct Definition {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    by_key: HashMap<NodeKey, NodeIndex>,
    incoming: Vec<Vec<EdgeIndex>>,
    outgoing: Vec<Vec<EdgeIndex>>,
    regions: region::Regions,
    settings: Settings,
}

/// The place of a node in its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIndex(u32);

/// The place of an edge in its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeIndex(u32);

/// The name by which edges and expressions know a node: a letter or `_`, then letters, digits, `_` and `-`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeKey(Arc<str>);

/// One checked node.
#[derive(Debug)]
pub struct Node {
    /// Its name within the definition.
    pub key: NodeKey,
    /// What it does.
    pub kind: Arc<NodeType>,
    /// Its config, expressions compiled.
    pub config: Template,
    /// The connected app that it names; see [`Node::app`] for what its steps use.
    pub connected_app: Option<ConnectedAppId>,
    /// The message templates that its config names, other than by an expression.
    pub message_templates: Vec<NamedTemplate>,
    /// When and how often a failed attempt is repeated.
    pub retry: RetryPolicy,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How often it is asked for news, where it is a trigger that is asked and the workflow says so.
    pub interval: Option<Duration>,
    /// What to do when it is not known whether an attempt happened.
    pub on_uncertain: OnUncertain,
    /// How many of the edges that lead to it have to be taken.
    pub join: Join,
    /// What is asked of each event that it waits for.
    pub filter: Option<Template>,
}

/// A message template that a config names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTemplate {
    /// The member of the config.
    pub member: String,
    /// The channel that the member takes.
    pub channel: MessageChannel,
    /// Which one.
    pub id: MessageTemplateId,
}

impl Node {
    /// The connected app that its steps use.
    pub fn app(&self) -> AppChoice<'_> {
        match (self.connected_app, &self.kind.provider) {
            (Some(id), _) => AppChoice::Named(id),
            (None, Some(provider)) if self.kind.provider_required => AppChoice::DefaultOf(provider),
            _ => AppChoice::None,
        }
    }
}

/// When a node to which several edges lead is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Join {
    /// Once every edge is decided, if any of them was taken.
    #[default]
    All,
    /// Once one edge was taken.
    Any,
    /// Once so many edges were taken, or all are decided.
    Some(u32),
}

/// What happens to a step that was in flight when its process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUncertain {
    /// It is executed again as long as that cannot do anything twice: its requests carry an idempotency key, or are of
    /// a kind that may be repeated. Otherwise a person is asked.
    #[default]
    Safely,
    /// It is executed again with the same idempotency key.
    Retry,
    /// It fails.
    Fail,
    /// It stays `UNCERTAIN` until a person decides.
    Ask,
}

/// A checked edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The node it leaves.
    pub from: NodeIndex,
    /// The output port it leaves by.
    pub from_port: Arc<str>,
    /// The node it enters.
    pub to: NodeIndex,
    /// The input port it enters by.
    pub to_port: Arc<str>,
}

impl Definition {
    /// The nodes, in the order in which they were written.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeIndex, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (NodeIndex(index as u32), node))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none; a definition always has a trigger.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node at `index`.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.nodes[index.index()]
    }

    /// The node with that key.
    pub fn node_named(&self, key: &str) -> Option<NodeIndex> {
        self.by_key.get(key).copied()
    }

    /// The edge at `index`.
    pub fn edge(&self, index: EdgeIndex) -> &Edge {
        &self.edges[index.index()]
    }

    /// The edges, in the order in which they were written.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = (EdgeIndex, &Edge)> {
        self.edges
            .iter()
            .enumerate()
            .map(|(index, edge)| (EdgeIndex(index as u32), edge))
    }

    /// The edges that end at `node`.
    pub fn incoming(&self, node: NodeIndex) -> &[EdgeIndex] {
        &self.incoming[node.index()]
    }

    /// The edges that start at `node`.
    pub fn outgoing(&self, node: NodeIndex) -> &[EdgeIndex] {
        &self.outgoing[node.index()]
    }

    /// Whether something hangs on that output port.
    pub fn has_edge_from(&self, node: NodeIndex, port: &str) -> bool {
        self.outgoing(node)
            .iter()
            .any(|edge| &*self.edge(*edge).from_port == port)
    }

    /// What holds for the whole workflow.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The nodes and edges that are executed together.
    pub fn region(&self, index: RegionIndex) -> &Region {
        self.regions.region(index)
    }

    /// The region that a node belongs to.
    pub fn region_of(&self, node: NodeIndex) -> RegionIndex {
        self.regions.of_node(node)
    }

    /// The region of what a `for-each` executes for each item.
    pub fn body(&self, node: NodeIndex) -> RegionIndex {
        self.regions.body(node)
    }

    /// The region that an edge belongs to: that of the node to which it leads.
    pub fn edge_region(&self, edge: EdgeIndex) -> RegionIndex {
        self.regions.of_node(self.edge(edge).to)
    }

    /// The place of a node within its region.
    pub fn within(&self, node: NodeIndex) -> usize {
        self.regions.within(node)
    }

    /// The place of an edge within its region.
    pub fn edge_within(&self, edge: EdgeIndex) -> usize {
        self.regions.edge_within(edge)
    }

    /// The trigger nodes.
    pub fn triggers(&self) -> impl Iterator<Item = (NodeIndex, &Node)> {
        self.nodes().filter(|(_, node)| node.kind.is_trigger())
    }
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Definition({} nodes, {} edges)",
            self.nodes.len(),
            self.edges.len()
        )
    }
}

impl NodeIndex {
    pub(crate) fn new(index: usize) -> NodeIndex {
        NodeIndex(index as u32)
    }

    /// The index as a number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl EdgeIndex {
    /// The index as a number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl NodeKey {
    /// Checks the syntax.
    pub fn parse(text: &str) -> Option<NodeKey> {
        let mut characters = text.chars();
        let first = characters.next()?;
        let good = (first.is_ascii_alphabetic() || first == '_')
            && text.len() <= 64
            && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        good.then(|| NodeKey(text.into()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for NodeKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}
