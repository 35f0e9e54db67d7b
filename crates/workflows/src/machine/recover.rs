//! From the rows of a run back to its state.

use jackfield_storage::Timestamp;
use jackfield_storage::step::StepStatus;

use super::{EdgeState, NodeState, State, Todo};
use crate::definition::{DATA_OUT, Definition, ERROR, NodeIndex, OnUncertain};

/// What is on disk about one step.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The node.
    pub node: NodeIndex,
    /// How far the step is.
    pub status: StepStatus,
    /// The attempt that is under way or was the last.
    pub attempt: u32,
    /// The port it left by.
    pub port: Option<&'a str>,
    /// When its next attempt begins.
    pub wake_at: Option<Timestamp>,
}

/// A run, taken up again.
#[derive(Debug)]
pub struct Recovered {
    /// Where it stands.
    pub state: State,
    /// How it goes on.
    pub todos: Vec<Todo>,
    /// Steps that were in flight when the process died and whose node says that they then fail. The engine reports each
    /// of them as failed.
    pub lost: Vec<NodeIndex>,
    /// Steps that were in flight and are now for a person to decide about.
    pub uncertain: Vec<NodeIndex>,
}

impl State {
    /// Takes a run up from what is on disk about it.
    ///
    /// Finished steps stay finished. A step that waits goes on waiting. One that was in flight is executed again, as the
    /// same attempt and so with the same idempotency key, when its node's `onUncertain` is `RETRY` or it does nothing
    /// outside; otherwise it is lost or uncertain. Steps that are not on disk had no effect and are done anew.
    pub fn recover(
        definition: &Definition,
        trigger: NodeIndex,
        steps: &[Recorded<'_>],
    ) -> Recovered {
        let mut state = State::blank(definition, trigger);
        let mut todos = Vec::new();
        let mut lost = Vec::new();
        let mut uncertain = Vec::new();
        state.close(definition, trigger, NodeState::Done, Some(DATA_OUT));
        for (other, _) in definition.triggers().filter(|(other, _)| *other != trigger) {
            state.close(definition, other, NodeState::Skipped, None);
        }
        for step in steps.iter().filter(|step| step.node != trigger) {
            let (node, attempt) = (step.node, step.attempt.max(1));
            match step.status {
                StepStatus::Succeeded => state.close(definition, node, NodeState::Done, step.port),
                StepStatus::Skipped => state.close(definition, node, NodeState::Skipped, None),
                StepStatus::Cancelled => state.nodes[node.index()] = NodeState::Cancelled,
                StepStatus::Failed => state.recover_failure(definition, node),
                StepStatus::Uncertain => {
                    state.nodes[node.index()] = NodeState::Uncertain { attempt }
                }
                StepStatus::Waiting => {
                    let until = step.wake_at.unwrap_or(Timestamp::EPOCH);
                    state.nodes[node.index()] = NodeState::Waiting { attempt, until };
                    todos.push(Todo::Wait { node, until });
                }
                StepStatus::Queued | StepStatus::Running => {
                    state.nodes[node.index()] = NodeState::Running { attempt };
                    match in_flight(definition, step) {
                        OnUncertain::Retry => todos.push(Todo::Execute { node, attempt }),
                        OnUncertain::Fail => lost.push(node),
                        OnUncertain::Ask => {
                            state.nodes[node.index()] = NodeState::Uncertain { attempt };
                            uncertain.push(node);
                        }
                    }
                }
            }
        }
        state.resume(definition, &mut todos);
        Recovered {
            state,
            todos,
            lost,
            uncertain,
        }
    }

    /// Marks a node and the edges that leave it.
    fn close(
        &mut self,
        definition: &Definition,
        node: NodeIndex,
        as_what: NodeState,
        port: Option<&str>,
    ) {
        self.nodes[node.index()] = as_what;
        for edge in definition.outgoing(node) {
            let taken = port == Some(&*definition.edge(*edge).from_port);
            self.edges[edge.index()] = if taken {
                EdgeState::Taken
            } else {
                EdgeState::Skipped
            };
        }
    }

    fn recover_failure(&mut self, definition: &Definition, node: NodeIndex) {
        if definition.has_edge_from(node, ERROR) {
            self.close(definition, node, NodeState::Failed, Some(ERROR));
        } else {
            self.nodes[node.index()] = NodeState::Failed;
            self.failed_by.get_or_insert(node);
        }
    }

    /// Begins what could begin, given the edges that are decided.
    fn resume(&mut self, definition: &Definition, todos: &mut Vec<Todo>) {
        for (node, _) in definition.nodes() {
            match self.decided(definition, node) {
                Some(true) if self.failed_by.is_none() => {
                    self.nodes[node.index()] = NodeState::Running { attempt: 1 };
                    todos.push(Todo::Execute { node, attempt: 1 });
                }
                Some(false) => self.skip(definition, node, todos),
                _ => {}
            }
        }
        if let Some(failed) = self.failed_by {
            todos.retain(|todo| !matches!(todo, Todo::Wait { .. }));
            self.stop(failed, todos);
        }
        self.finish(todos);
    }
}

/// What becomes of a step that was in flight. Only a step with effects outside can be uncertain.
fn in_flight(definition: &Definition, step: &Recorded<'_>) -> OnUncertain {
    let node = definition.node(step.node);
    match step.status {
        StepStatus::Running if node.kind.has_effects() => node.on_uncertain,
        _ => OnUncertain::Retry,
    }
}
