//! The run state machine: what happened in, what to do out.
//!
//! Nothing here reads a clock, draws a number, touches a database or knows a value: the engine does that, and tells the
//! machine which node left by which port. So every way a run can go is testable as plain function calls.
//!
//! The rules:
//!
//! - A run starts at one trigger. The workflow's other triggers are skipped.
//! - A node is executed once every edge that leads to it is decided and at least one of them was taken. If none was, it
//!   is skipped, and so are the edges that leave it.
//! - A node that finishes takes the edges of the port it left by; the edges of its other ports are skipped.
//! - A node that fails is tried again as its [`RetryPolicy`] says. After that it leaves by the port `error`; without an
//!   edge there the run fails: what is under way is waited for, nothing new is begun.
//! - A run has succeeded when nothing is under way any more and nothing failed it.

mod recover;
mod retry;
#[cfg(test)]
mod tests;

pub use recover::{Recorded, Recovered};
pub use retry::{Retry, RetryPolicy};

use std::collections::VecDeque;

use jackfield_storage::Timestamp;

use crate::definition::{DATA_OUT, Definition, ERROR, EdgeIndex, NodeIndex};

/// Where a run stands.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    trigger: NodeIndex,
    nodes: Vec<NodeState>,
    edges: Vec<EdgeState>,
    /// The node whose failure failed the run.
    failed_by: Option<NodeIndex>,
    finished: bool,
}

/// Where a node of a run stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NodeState {
    /// Its turn has not come.
    Idle,
    /// An attempt is under way.
    Running {
        /// Which one, from 1.
        attempt: u32,
    },
    /// It waits for its next attempt.
    Waiting {
        /// Which one that will be.
        attempt: u32,
        /// When it begins.
        until: Timestamp,
    },
    /// It is not known whether this attempt happened.
    Uncertain {
        /// Which one.
        attempt: u32,
    },
    /// It finished.
    Done,
    /// It failed for good.
    Failed,
    /// No taken edge leads to it.
    Skipped,
    /// The run failed before its next attempt.
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum EdgeState {
    Pending,
    Taken,
    Skipped,
}

/// What the engine reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happened<'a> {
    /// An attempt finished and left by a port other than `error`.
    Finished {
        /// Whose.
        node: NodeIndex,
        /// By which port.
        port: &'a str,
    },
    /// An attempt failed.
    Failed {
        /// Whose.
        node: NodeIndex,
        /// Whether, and how soon, another one can help.
        retry: Option<Retry>,
        /// The present.
        now: Timestamp,
        /// A random number from 0 to 1, for the jitter.
        random: f64,
    },
    /// The instant came that a node waited for.
    Due {
        /// Which node.
        node: NodeIndex,
    },
}

/// What the engine is to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Todo {
    /// Execute a node.
    Execute {
        /// Which.
        node: NodeIndex,
        /// The how manieth attempt, from 1.
        attempt: u32,
    },
    /// Report [`Happened::Due`] at that instant.
    Wait {
        /// For which node.
        node: NodeIndex,
        /// Until when.
        until: Timestamp,
    },
    /// Record that a node is skipped.
    Skip {
        /// Which.
        node: NodeIndex,
    },
    /// Record that a node will have no further attempt.
    Cancel {
        /// Which.
        node: NodeIndex,
    },
    /// The run is over.
    Finish(Ending),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everything that was to be done is done.
    Succeeded,
    /// A node failed and nothing was there to catch it.
    Failed {
        /// Which.
        node: NodeIndex,
    },
}

impl State {
    /// The beginning of a run at `trigger`.
    pub fn start(definition: &Definition, trigger: NodeIndex) -> (State, Vec<Todo>) {
        let mut state = State::blank(definition, trigger);
        let mut todos = Vec::new();
        state.nodes[trigger.index()] = NodeState::Done;
        state.leave(definition, trigger, Some(DATA_OUT), &mut todos);
        for (other, _) in definition.triggers().filter(|(other, _)| *other != trigger) {
            state.skip(definition, other, &mut todos);
        }
        state.finish(&mut todos);
        (state, todos)
    }

    /// A run of which nothing has happened yet.
    pub(crate) fn blank(definition: &Definition, trigger: NodeIndex) -> State {
        State {
            trigger,
            nodes: vec![NodeState::Idle; definition.len()],
            edges: vec![EdgeState::Pending; definition.edges().len()],
            failed_by: None,
            finished: false,
        }
    }

    /// Takes what happened into the state and says what to do next. A report about a node that is not under way changes
    /// nothing: it is late.
    pub fn advance(&mut self, definition: &Definition, happened: Happened<'_>) -> Vec<Todo> {
        let mut todos = Vec::new();
        match happened {
            Happened::Finished { node, port } if self.attempt(node).is_some() => {
                self.nodes[node.index()] = NodeState::Done;
                self.leave(definition, node, Some(port), &mut todos);
            }
            Happened::Failed {
                node,
                retry,
                now,
                random,
            } => {
                if let Some(attempt) = self.attempt(node) {
                    self.fail(
                        definition,
                        node,
                        Failure {
                            attempt,
                            retry,
                            now,
                            random,
                        },
                        &mut todos,
                    );
                }
            }
            Happened::Due { node } => {
                if let NodeState::Waiting { attempt, .. } = self.nodes[node.index()] {
                    self.nodes[node.index()] = NodeState::Running { attempt };
                    todos.push(Todo::Execute { node, attempt });
                }
            }
            Happened::Finished { .. } => {}
        }
        self.finish(&mut todos);
        todos
    }

    /// Where a node stands.
    pub fn node(&self, node: NodeIndex) -> NodeState {
        self.nodes[node.index()]
    }

    /// Whether the run is over.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Whether nothing goes on before a person decides about an uncertain step.
    pub fn is_parked(&self) -> bool {
        let under_way = |state: &NodeState| {
            matches!(state, NodeState::Running { .. } | NodeState::Waiting { .. })
        };
        !self.finished && !self.nodes.iter().any(under_way)
    }

    /// The nodes at which the run ended: done, and without a taken edge onwards.
    pub fn ends<'a>(&'a self, definition: &'a Definition) -> impl Iterator<Item = NodeIndex> + 'a {
        definition.nodes().map(|(node, _)| node).filter(|node| {
            let went_on = |edge: &EdgeIndex| self.edges[edge.index()] == EdgeState::Taken;
            matches!(
                self.nodes[node.index()],
                NodeState::Done | NodeState::Failed
            ) && !definition.outgoing(*node).iter().any(went_on)
        })
    }

    /// The nodes whose edges to `node` were taken.
    pub fn came_from<'a>(
        &'a self,
        definition: &'a Definition,
        node: NodeIndex,
    ) -> impl Iterator<Item = NodeIndex> + 'a {
        let taken = definition
            .incoming(node)
            .iter()
            .filter(|edge| self.edges[edge.index()] == EdgeState::Taken);
        taken.map(|edge| definition.edge(*edge).from)
    }

    fn attempt(&self, node: NodeIndex) -> Option<u32> {
        match self.nodes[node.index()] {
            NodeState::Running { attempt } | NodeState::Uncertain { attempt } => Some(attempt),
            _ => None,
        }
    }

    fn fail(
        &mut self,
        definition: &Definition,
        node: NodeIndex,
        failure: Failure,
        todos: &mut Vec<Todo>,
    ) {
        let policy = &definition.node(node).retry;
        if let Some(retry) = failure.retry
            && failure.attempt < policy.max_attempts
            && self.failed_by.is_none()
        {
            let attempt = failure.attempt + 1;
            let until = failure
                .now
                .after(policy.delay(failure.attempt, retry, failure.random));
            self.nodes[node.index()] = NodeState::Waiting { attempt, until };
            todos.push(Todo::Wait { node, until });
            return;
        }
        self.nodes[node.index()] = NodeState::Failed;
        if definition.has_edge_from(node, ERROR) {
            self.leave(definition, node, Some(ERROR), todos);
        } else {
            self.stop(node, todos);
        }
    }

    /// The run has failed: nothing that waits will be tried again, nothing new is begun.
    fn stop(&mut self, node: NodeIndex, todos: &mut Vec<Todo>) {
        self.failed_by.get_or_insert(node);
        for (index, state) in self.nodes.iter_mut().enumerate() {
            if matches!(state, NodeState::Waiting { .. }) {
                *state = NodeState::Cancelled;
                todos.push(Todo::Cancel {
                    node: NodeIndex::new(index),
                });
            }
        }
    }

    fn skip(&mut self, definition: &Definition, node: NodeIndex, todos: &mut Vec<Todo>) {
        self.nodes[node.index()] = NodeState::Skipped;
        todos.push(Todo::Skip { node });
        self.leave(definition, node, None, todos);
    }

    /// Decides the edges that leave `node`, and whatever follows from that. A row of a thousand skipped nodes is a loop
    /// here, not a recursion.
    fn leave(
        &mut self,
        definition: &Definition,
        node: NodeIndex,
        port: Option<&str>,
        todos: &mut Vec<Todo>,
    ) {
        let mut leaving = VecDeque::from([(node, port)]);
        while let Some((node, port)) = leaving.pop_front() {
            for edge in definition.outgoing(node) {
                let taken = port == Some(&*definition.edge(*edge).from_port);
                self.edges[edge.index()] = if taken {
                    EdgeState::Taken
                } else {
                    EdgeState::Skipped
                };
                let next = definition.edge(*edge).to;
                match self.decided(definition, next) {
                    Some(true) if self.failed_by.is_none() => {
                        self.nodes[next.index()] = NodeState::Running { attempt: 1 };
                        todos.push(Todo::Execute {
                            node: next,
                            attempt: 1,
                        });
                    }
                    Some(false) => {
                        self.nodes[next.index()] = NodeState::Skipped;
                        todos.push(Todo::Skip { node: next });
                        leaving.push_back((next, None));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether an idle node is to be executed or skipped; `None` while that is open.
    fn decided(&self, definition: &Definition, node: NodeIndex) -> Option<bool> {
        if self.nodes[node.index()] != NodeState::Idle {
            return None;
        }
        let mut taken = false;
        for edge in definition.incoming(node) {
            match self.edges[edge.index()] {
                EdgeState::Pending => return None,
                EdgeState::Taken => taken = true,
                EdgeState::Skipped => {}
            }
        }
        Some(taken)
    }

    fn finish(&mut self, todos: &mut Vec<Todo>) {
        let open = |state: &NodeState| {
            matches!(
                state,
                NodeState::Running { .. } | NodeState::Waiting { .. } | NodeState::Uncertain { .. }
            )
        };
        if self.finished || self.nodes.iter().any(open) {
            return;
        }
        self.finished = true;
        todos.push(Todo::Finish(match self.failed_by {
            Some(node) => Ending::Failed { node },
            None => Ending::Succeeded,
        }));
    }
}

struct Failure {
    attempt: u32,
    retry: Option<Retry>,
    now: Timestamp,
    random: f64,
}
