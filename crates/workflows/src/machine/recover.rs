//! From the rows of a run back to its state.

use std::collections::BTreeMap;

use jackfield_storage::Timestamp;
use jackfield_storage::step::StepStatus;

use super::each::Loop;
use super::frame::Frame;
use super::{ItemPath, Items, NodeState, Place, State, Todo};
use crate::definition::{DATA_OUT, Definition, ERROR, NodeIndex, OnUncertain};

/// What is on disk about one step.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The step.
    pub place: Place,
    /// How far the step is.
    pub status: StepStatus,
    /// The attempt that is under way or was the last.
    pub attempt: u32,
    /// The port it left by.
    pub port: Option<String>,
    /// When its next attempt begins, or when it waits no longer.
    pub wake_at: Option<Timestamp>,
    /// The items of a `for-each` that has begun with them.
    pub items: Option<Items>,
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
    pub lost: Vec<Place>,
    /// Steps that were in flight and are now for a person to decide about.
    pub uncertain: Vec<Place>,
}

impl State {
    /// Takes a run up from what is on disk about it.
    ///
    /// Finished steps stay finished. A step that waits goes on waiting. One that was in flight is executed again, as the
    /// same attempt and so with the same idempotency keys, unless its node's `onUncertain` is `FAIL` or `ASK`: then it is
    /// lost or uncertain. Steps that are not on disk had no effect and are done anew.
    pub fn recover(definition: &Definition, trigger: NodeIndex, steps: &[Recorded]) -> Recovered {
        let mut recovered = Recovered {
            state: State::blank(definition, trigger),
            todos: Vec::new(),
            lost: Vec::new(),
            uncertain: Vec::new(),
        };
        let root = &mut recovered.state.root;
        root.close(definition, trigger, NodeState::Done, Some(DATA_OUT));
        for (other, _) in definition.triggers().filter(|(other, _)| *other != trigger) {
            root.close(definition, other, NodeState::Skipped, None);
        }
        // What is around comes before what is within.
        let mut by_path: BTreeMap<&ItemPath, Vec<&Recorded>> = BTreeMap::new();
        for step in steps.iter().filter(|step| step.place.node != trigger) {
            by_path.entry(&step.place.path).or_default().push(step);
        }
        for steps in by_path.values() {
            for step in steps {
                recovered.take(definition, step);
            }
        }
        let Recovered { state, todos, .. } = &mut recovered;
        state.resume(definition, todos);
        recovered
    }
}

impl Recovered {
    fn take(&mut self, definition: &Definition, step: &Recorded) {
        let (place, attempt) = (&step.place, step.attempt.max(1));
        let Some(frame) = self.state.begun_frame(definition, place.node, &place.path) else {
            return;
        };
        let node = place.node;
        match step.status {
            StepStatus::Succeeded => {
                frame.close(definition, node, NodeState::Done, step.port.as_deref())
            }
            StepStatus::Skipped => frame.close(definition, node, NodeState::Skipped, None),
            StepStatus::Cancelled => frame.set(definition, node, NodeState::Cancelled),
            StepStatus::Failed => frame.recover_failure(definition, node),
            StepStatus::Uncertain => frame.set(definition, node, NodeState::Uncertain { attempt }),
            StepStatus::Waiting if definition.node(node).kind.parks() => {
                let until = step.wake_at;
                frame.set(definition, node, NodeState::Parked { until });
                self.todos.extend(until.map(|until| Todo::Wait {
                    place: place.clone(),
                    until,
                }));
            }
            StepStatus::Waiting => {
                let until = step.wake_at.unwrap_or(Timestamp::EPOCH);
                frame.set(definition, node, NodeState::Waiting { attempt, until });
                self.todos.push(Todo::Wait {
                    place: place.clone(),
                    until,
                });
            }
            StepStatus::Queued | StepStatus::Running => {
                if let Some(items) = step.items {
                    frame.set(definition, node, NodeState::Looping);
                    frame.loops.push(Loop::new(node, items));
                    return;
                }
                frame.set(definition, node, NodeState::Running { attempt });
                match in_flight(definition, step) {
                    OnUncertain::Retry | OnUncertain::Safely => self.todos.push(Todo::Execute {
                        place: place.clone(),
                        attempt,
                    }),
                    OnUncertain::Fail => self.lost.push(place.clone()),
                    OnUncertain::Ask => {
                        frame.set(definition, node, NodeState::Uncertain { attempt });
                        self.uncertain.push(place.clone());
                    }
                }
            }
        }
    }
}

impl State {
    /// The frame that a node belongs to, begun if it is not under way. None when the `for-each` around it has not begun.
    fn begun_frame(
        &mut self,
        definition: &Definition,
        node: NodeIndex,
        path: &ItemPath,
    ) -> Option<&mut Frame> {
        let around = &definition.region(definition.region_of(node)).around;
        if around.len() != path.items().len() {
            return None;
        }
        let mut frame = &mut self.root;
        for (node, item) in around.iter().zip(path.items()) {
            let each = frame.each_mut(*node)?;
            if *item >= each.items.count {
                return None;
            }
            each.next = each.next.max(item + 1);
            frame = each
                .live
                .entry(*item)
                .or_insert_with(|| Frame::item(definition, *node));
        }
        Some(frame)
    }

    /// Begins what could begin, given the edges that are decided.
    fn resume(&mut self, definition: &Definition, todos: &mut Vec<Todo>) {
        self.root.resume(definition, &ItemPath::default(), todos);
        todos.retain(|todo| match todo {
            Todo::Wait { place, .. } => matches!(
                self.node(definition, place),
                NodeState::Waiting { .. } | NodeState::Parked { .. }
            ),
            _ => true,
        });
        self.finish(todos);
    }
}

impl Frame {
    fn recover_failure(&mut self, definition: &Definition, node: NodeIndex) {
        if definition.has_edge_from(node, ERROR) {
            self.close(definition, node, NodeState::Failed, Some(ERROR));
        } else {
            self.set(definition, node, NodeState::Failed);
            self.failed_by.get_or_insert(node);
        }
    }

    fn resume(&mut self, definition: &Definition, path: &ItemPath, todos: &mut Vec<Todo>) {
        self.stopped |= self.failed_by.is_some();
        self.enter(definition, path, todos);
        let nodes: Vec<_> = self.loops.iter().map(|each| each.node).collect();
        for node in nodes {
            self.resume_loop(definition, path, node, todos);
        }
        if self.stopped {
            self.stop(definition, path, todos);
        }
    }

    /// Takes up the items that were begun: those of which nothing is on disk from their start.
    fn resume_loop(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        node: NodeIndex,
        todos: &mut Vec<Todo>,
    ) {
        let stopped = self.stopped;
        let Some(each) = self.each_mut(node) else {
            return;
        };
        let place = Place {
            node,
            path: path.clone(),
        };
        let mut over = Vec::new();
        for item in 0..each.next {
            let frame = each
                .live
                .entry(item)
                .or_insert_with(|| Frame::item(definition, node));
            frame.stopped |= stopped;
            todos.push(Todo::Begin {
                place: place.clone(),
                item,
            });
            frame.resume(definition, &path.child(item), todos);
            if !frame.under_way() {
                over.push(item);
            }
        }
        for item in over {
            if let Some(frame) = each.live.remove(&item) {
                todos.push(Todo::ItemOver {
                    place: place.clone(),
                    item,
                    failed_by: frame.failed_by,
                });
            }
        }
        self.go_on(definition, path, node, todos);
    }
}

/// What becomes of a step that was in flight. Only a step with effects outside can be uncertain.
fn in_flight(definition: &Definition, step: &Recorded) -> OnUncertain {
    let node = definition.node(step.place.node);
    match step.status {
        StepStatus::Running if node.kind.has_effects() => node.on_uncertain,
        _ => OnUncertain::Retry,
    }
}
