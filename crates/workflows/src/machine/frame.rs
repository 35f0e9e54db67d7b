//! The nodes that are executed together: those of the run itself, or those for one item of a `for-each`.

use std::collections::VecDeque;

use super::each::Loop;
use super::{Happened, ItemPath, NodeState, Place, Retry, Todo};
use crate::definition::{Definition, ERROR, EdgeIndex, Join, NodeIndex, RegionIndex};
use jackfield_storage::Timestamp;

/// How far they are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub region: RegionIndex,
    pub nodes: Vec<NodeState>,
    pub edges: Vec<EdgeState>,
    /// The `for-each` nodes that have begun with their items.
    pub loops: Vec<Loop>,
    /// The node whose failure failed it.
    pub failed_by: Option<NodeIndex>,
    /// Whether nothing new is begun any more.
    pub stopped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum EdgeState {
    Pending,
    Taken,
    Skipped,
}

/// How an attempt failed.
pub(super) struct Failure {
    pub attempt: u32,
    pub retry: Option<Retry>,
    pub now: Timestamp,
    pub random: f64,
}

impl Frame {
    /// Nothing of it has happened yet.
    pub fn blank(definition: &Definition, region: RegionIndex) -> Frame {
        let known = definition.region(region);
        Frame {
            region,
            nodes: vec![NodeState::Idle; known.nodes.len()],
            edges: vec![EdgeState::Pending; known.edges.len()],
            loops: Vec::new(),
            failed_by: None,
            stopped: false,
        }
    }

    pub fn node(&self, definition: &Definition, node: NodeIndex) -> NodeState {
        self.nodes[definition.within(node)]
    }

    pub fn set(&mut self, definition: &Definition, node: NodeIndex, state: NodeState) {
        self.nodes[definition.within(node)] = state;
    }

    pub fn edge(&self, definition: &Definition, edge: EdgeIndex) -> EdgeState {
        self.edges[definition.edge_within(edge)]
    }

    /// Whether something in it is not over.
    pub fn under_way(&self) -> bool {
        self.nodes.iter().any(|state| state.is_open())
    }

    /// The attempt that a report about the node can be about.
    fn attempt(&self, definition: &Definition, node: NodeIndex) -> Option<u32> {
        match self.node(definition, node) {
            NodeState::Running { attempt } | NodeState::Uncertain { attempt } => Some(attempt),
            NodeState::Parked { .. } | NodeState::Looping => Some(1),
            _ => None,
        }
    }

    /// Takes a report in. A late one changes nothing.
    pub fn take(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        happened: Happened<'_>,
        todos: &mut Vec<Todo>,
    ) {
        let at = |node: NodeIndex| Place {
            node,
            path: path.clone(),
        };
        match happened {
            Happened::Finished { place, port } => {
                if self.attempt(definition, place.node).is_some() {
                    self.loops.retain(|each| each.node != place.node);
                    self.set(definition, place.node, NodeState::Done);
                    self.leave(definition, path, place.node, Some(port), todos);
                }
            }
            Happened::Failed {
                place,
                retry,
                now,
                random,
            } => {
                if let Some(attempt) = self.attempt(definition, place.node) {
                    self.loops.retain(|each| each.node != place.node);
                    let failure = Failure {
                        attempt,
                        retry,
                        now,
                        random,
                    };
                    self.fail(definition, path, place.node, &failure, todos);
                }
            }
            Happened::Deferred { place, until } => {
                if let NodeState::Running { attempt } = self.node(definition, place.node) {
                    let state = NodeState::Waiting { attempt, until };
                    self.rest(definition, at(place.node), state, todos);
                }
            }
            Happened::Due { place } => {
                if let NodeState::Waiting { attempt, .. } = self.node(definition, place.node) {
                    self.set(definition, place.node, NodeState::Running { attempt });
                    todos.push(Todo::Execute {
                        place: at(place.node),
                        attempt,
                    });
                }
            }
            Happened::Parked { place, until } => {
                if let NodeState::Running { .. } = self.node(definition, place.node) {
                    let state = NodeState::Parked { until };
                    self.rest(definition, at(place.node), state, todos);
                }
            }
            Happened::Unknown { place } => {
                if let NodeState::Running { attempt } = self.node(definition, place.node) {
                    self.set(definition, place.node, NodeState::Uncertain { attempt });
                }
            }
            Happened::Again { place } => {
                if let NodeState::Uncertain { attempt } = self.node(definition, place.node) {
                    self.set(definition, place.node, NodeState::Running { attempt });
                    todos.push(Todo::Execute {
                        place: at(place.node),
                        attempt,
                    });
                }
            }
            Happened::Items { place, items } => {
                if let NodeState::Running { .. } = self.node(definition, place.node) {
                    self.set(definition, place.node, NodeState::Looping);
                    self.loops.push(Loop::new(place.node, items));
                    self.go_on(definition, path, place.node, todos);
                }
            }
            Happened::Stopped { .. } => {}
        }
    }

    /// A node waits, unless nothing is waited for any more.
    fn rest(
        &mut self,
        definition: &Definition,
        place: Place,
        state: NodeState,
        todos: &mut Vec<Todo>,
    ) {
        if self.stopped {
            return self.cancel(definition, &place.path, place.node, todos);
        }
        self.set(definition, place.node, state);
        let until = match state {
            NodeState::Waiting { until, .. } => Some(until),
            NodeState::Parked { until } => until,
            _ => None,
        };
        todos.extend(until.map(|until| Todo::Wait { place, until }));
    }

    fn fail(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        node: NodeIndex,
        failure: &Failure,
        todos: &mut Vec<Todo>,
    ) {
        let place = Place {
            node,
            path: path.clone(),
        };
        let policy = &definition.node(node).retry;
        if let Some(retry) = failure.retry
            && failure.attempt < policy.max_attempts
            && !self.stopped
        {
            let attempt = failure.attempt + 1;
            let delay = policy.delay(failure.attempt, retry, failure.random);
            let until = failure.now.after(delay);
            self.set(definition, node, NodeState::Waiting { attempt, until });
            todos.push(Todo::Wait { place, until });
            return;
        }
        self.set(definition, node, NodeState::Failed);
        if definition.has_edge_from(node, ERROR) {
            self.leave(definition, path, node, Some(ERROR), todos);
        } else {
            self.failed_by.get_or_insert(node);
            self.stop(definition, path, todos);
        }
    }

    /// Nothing that waits will be tried again, nothing new is begun.
    pub fn stop(&mut self, definition: &Definition, path: &ItemPath, todos: &mut Vec<Todo>) {
        self.stopped = true;
        for node in definition.region(self.region).nodes.iter().copied() {
            if matches!(
                self.node(definition, node),
                NodeState::Waiting { .. } | NodeState::Parked { .. }
            ) {
                self.cancel(definition, path, node, todos);
            }
        }
        self.stop_loops(definition, path, todos);
    }

    pub fn cancel(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        node: NodeIndex,
        todos: &mut Vec<Todo>,
    ) {
        self.set(definition, node, NodeState::Cancelled);
        todos.push(Todo::Cancel {
            place: Place {
                node,
                path: path.clone(),
            },
        });
    }

    pub fn skip(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        node: NodeIndex,
        todos: &mut Vec<Todo>,
    ) {
        self.set(definition, node, NodeState::Skipped);
        todos.push(Todo::Skip {
            place: Place {
                node,
                path: path.clone(),
            },
        });
        self.leave(definition, path, node, None, todos);
    }

    /// Marks a node and the edges that leave it, without deciding what follows.
    pub fn close(
        &mut self,
        definition: &Definition,
        node: NodeIndex,
        as_what: NodeState,
        port: Option<&str>,
    ) {
        self.set(definition, node, as_what);
        for edge in definition.outgoing(node) {
            self.mark(definition, *edge, port);
        }
    }

    /// Decides an edge of this frame; those into the items of a `for-each` are decided there.
    fn mark(&mut self, definition: &Definition, edge: EdgeIndex, port: Option<&str>) -> bool {
        if definition.edge_region(edge) != self.region {
            return false;
        }
        let taken = port == Some(&*definition.edge(edge).from_port);
        self.edges[definition.edge_within(edge)] = if taken {
            EdgeState::Taken
        } else {
            EdgeState::Skipped
        };
        true
    }

    /// Decides the edges that leave `node`, and whatever follows from that. A row of a thousand skipped nodes is a loop
    /// here, not a recursion.
    pub fn leave(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        node: NodeIndex,
        port: Option<&str>,
        todos: &mut Vec<Todo>,
    ) {
        let mut leaving = VecDeque::from([(node, port)]);
        while let Some((node, port)) = leaving.pop_front() {
            for edge in definition.outgoing(node) {
                if !self.mark(definition, *edge, port) {
                    continue;
                }
                let next = definition.edge(*edge).to;
                let place = || Place {
                    node: next,
                    path: path.clone(),
                };
                match self.decided(definition, next) {
                    Some(true) if !self.stopped => {
                        self.set(definition, next, NodeState::Running { attempt: 1 });
                        todos.push(Todo::Execute {
                            place: place(),
                            attempt: 1,
                        });
                    }
                    Some(false) => {
                        self.set(definition, next, NodeState::Skipped);
                        todos.push(Todo::Skip { place: place() });
                        leaving.push_back((next, None));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether an idle node is to be executed or skipped; `None` while that is open.
    pub fn decided(&self, definition: &Definition, node: NodeIndex) -> Option<bool> {
        if self.node(definition, node) != NodeState::Idle {
            return None;
        }
        let (mut taken, mut pending) = (0, false);
        for edge in definition.incoming(node) {
            match self.edge(definition, *edge) {
                EdgeState::Pending => pending = true,
                EdgeState::Taken => taken += 1,
                EdgeState::Skipped => {}
            }
        }
        let enough = match definition.node(node).join {
            Join::All => false,
            Join::Any => taken >= 1,
            Join::Some(count) => taken >= count,
        };
        match pending && !enough {
            true => None,
            false => Some(taken > 0),
        }
    }

    /// The nodes whose edges to `node` were taken.
    pub fn came_from<'a>(
        &'a self,
        definition: &'a Definition,
        node: NodeIndex,
    ) -> impl Iterator<Item = NodeIndex> + 'a {
        let incoming = definition.incoming(node).iter();
        let taken = incoming.filter(|edge| self.edge(definition, **edge) == EdgeState::Taken);
        taken.map(|edge| definition.edge(*edge).from)
    }

    /// The nodes at which it ended: done, and without a taken edge onwards.
    pub fn ends<'a>(&'a self, definition: &'a Definition) -> impl Iterator<Item = NodeIndex> + 'a {
        let nodes = definition.region(self.region).nodes.iter().copied();
        nodes.filter(|node| {
            let went_on = |edge: &EdgeIndex| {
                definition.edge_region(*edge) == self.region
                    && self.edge(definition, *edge) == EdgeState::Taken
            };
            matches!(
                self.node(definition, *node),
                NodeState::Done | NodeState::Failed
            ) && !definition.outgoing(*node).iter().any(went_on)
        })
    }
}
