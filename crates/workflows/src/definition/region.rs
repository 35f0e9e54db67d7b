//! Which nodes are executed once per run, and which once per item of a `for-each`.
//!
//! What hangs on a `for-each`'s port `item`, and on what hangs there, is its body. A body has no other way in, and no way
//! out: what comes after the loop hangs on `data-out`. So bodies are nested or apart, and never overlap.

use super::fields::{Path, under};
use super::graph::reachable;
use super::{Document, Edge, EdgeIndex, ITEM, NodeIndex};

/// The place of a region in its definition; 0 is the run itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RegionIndex(u32);

/// Nodes that are executed together.
#[derive(Debug, Default)]
pub struct Region {
    /// The `for-each` nodes around it, the outermost first.
    pub around: Vec<NodeIndex>,
    /// Its nodes, without those of regions within.
    pub nodes: Vec<NodeIndex>,
    /// The edges that lead to its nodes.
    pub edges: Vec<EdgeIndex>,
}

/// The regions of a definition.
pub(super) struct Regions {
    regions: Vec<Region>,
    of_node: Vec<RegionIndex>,
    body: Vec<RegionIndex>,
    within: Vec<u32>,
    edge_within: Vec<u32>,
}

/// Why a loop is none.
pub(super) enum RegionFault {
    /// Nothing hangs on its port `item`.
    Empty(usize),
    /// An edge leads into the body from outside.
    Entered { each: usize, from: usize, to: usize },
}

impl RegionIndex {
    /// The run itself.
    pub const ROOT: RegionIndex = RegionIndex(0);
}

impl RegionFault {
    /// Where it is, and what to do about it.
    pub fn told(&self, document: &Document, nodes: &Path) -> (Path, String) {
        let key = |node: usize| &document.nodes[node].key;
        match *self {
            RegionFault::Empty(each) => {
                let message = format!(
                    "nothing hangs on the port `item` of `{}`; add an edge from there to what is to be done for each item",
                    key(each)
                );
                (under(nodes, each), message)
            }
            RegionFault::Entered { each, from, to } => {
                let message = format!(
                    "`{}` is executed once per item of `{}`, so nothing else may lead to it, but `{}` does; what comes \
                     after the loop hangs on the port `data-out` of `{}`",
                    key(to),
                    key(each),
                    key(from),
                    key(each)
                );
                (under(nodes, to), message)
            }
        }
    }
}

impl Regions {
    /// Finds the bodies of the nodes that are `loops`, and tells what is wrong with them.
    pub fn find(loops: &[bool], edges: &[Edge], mut fault: impl FnMut(RegionFault)) -> Regions {
        let mut next = vec![Vec::new(); loops.len()];
        for edge in edges {
            next[edge.from.index()].push(edge.to.index());
        }
        let mut bodies: Vec<(usize, Vec<bool>)> = Vec::new();
        for each in (0..loops.len()).filter(|node| loops[*node]) {
            let into = edges
                .iter()
                .filter(|edge| edge.from.index() == each && &*edge.from_port == ITEM);
            let body = reachable(&next, into.map(|edge| edge.to.index()));
            if !body.contains(&true) {
                fault(RegionFault::Empty(each));
            }
            for edge in edges.iter().filter(|edge| body[edge.to.index()]) {
                let (from, to) = (edge.from.index(), edge.to.index());
                let is_item = from == each && &*edge.from_port == ITEM;
                if !body[from] && !is_item {
                    fault(RegionFault::Entered { each, from, to });
                }
            }
            bodies.push((each, body));
        }
        // The larger body is the outer one.
        bodies.sort_by_key(|(_, body)| {
            std::cmp::Reverse(body.iter().filter(|in_it| **in_it).count())
        });
        Regions::build(loops.len(), &bodies, edges)
    }

    fn build(nodes: usize, bodies: &[(usize, Vec<bool>)], edges: &[Edge]) -> Regions {
        let mut regions = vec![Region::default()];
        let mut of_node = vec![RegionIndex::ROOT; nodes];
        let mut body_of = vec![RegionIndex::ROOT; nodes];
        for (each, body) in bodies {
            let index = RegionIndex(regions.len() as u32);
            body_of[*each] = index;
            let outer = &regions[of_node[*each].0 as usize];
            let around = outer.around.iter().copied().chain([NodeIndex::new(*each)]);
            regions.push(Region {
                around: around.collect(),
                ..Region::default()
            });
            for node in (0..nodes).filter(|node| body[*node]) {
                of_node[node] = index;
            }
        }
        let mut within = vec![0; nodes];
        for node in 0..nodes {
            let region = &mut regions[of_node[node].0 as usize];
            within[node] = region.nodes.len() as u32;
            region.nodes.push(NodeIndex::new(node));
        }
        let mut edge_within = vec![0; edges.len()];
        for (index, edge) in edges.iter().enumerate() {
            let region = &mut regions[of_node[edge.to.index()].0 as usize];
            edge_within[index] = region.edges.len() as u32;
            region.edges.push(EdgeIndex(index as u32));
        }
        Regions {
            regions,
            of_node,
            body: body_of,
            within,
            edge_within,
        }
    }

    pub fn region(&self, index: RegionIndex) -> &Region {
        &self.regions[index.0 as usize]
    }

    pub fn of_node(&self, node: NodeIndex) -> RegionIndex {
        self.of_node[node.index()]
    }

    pub fn body(&self, node: NodeIndex) -> RegionIndex {
        self.body[node.index()]
    }

    pub fn within(&self, node: NodeIndex) -> usize {
        self.within[node.index()] as usize
    }

    pub fn edge_within(&self, edge: EdgeIndex) -> usize {
        self.edge_within[edge.index()] as usize
    }
}
