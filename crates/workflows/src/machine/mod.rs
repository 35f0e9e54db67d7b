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
//! - `merge` may be executed before every edge to it is decided: as soon as one, or so many, were taken.
//! - A node that waits for an instant, an event, a person or another run is parked; what it waited for ends it.
//! - A `for-each` executes the nodes that hang on its port `item` once per item, each item in a frame of its own with the
//!   same rules. An item that fails does not fail the run, and not the other items. The node finishes after the last item.
//! - A run that is stopped cancels what is under way.
//! - A run has succeeded when nothing is under way any more and nothing failed it.

mod each;
mod frame;
mod place;
mod recover;
mod retry;
#[cfg(test)]
mod tests;

pub use each::Items;
pub use place::{ItemPath, Place};
pub use recover::{Recorded, Recovered};
pub use retry::{Retry, RetryPolicy};

use jackfield_storage::Timestamp;

use crate::definition::{DATA_OUT, Definition, NodeIndex, RegionIndex};
use frame::Frame;

/// Where a run stands.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    trigger: NodeIndex,
    root: Frame,
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
    /// It waits for its next attempt, or for the turn of the one that was about to begin.
    Waiting {
        /// Which one that will be.
        attempt: u32,
        /// When it begins.
        until: Timestamp,
    },
    /// It waits for something outside.
    Parked {
        /// When it waits no longer.
        until: Option<Timestamp>,
    },
    /// Its items are under way.
    Looping,
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
    /// The run failed or was stopped before it was over.
    Cancelled,
}

impl NodeState {
    fn is_open(self) -> bool {
        matches!(
            self,
            NodeState::Running { .. }
                | NodeState::Waiting { .. }
                | NodeState::Parked { .. }
                | NodeState::Looping
                | NodeState::Uncertain { .. }
        )
    }
}

/// What the engine reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happened<'a> {
    /// An attempt finished and left by a port other than `error`.
    Finished {
        /// Whose.
        place: &'a Place,
        /// By which port.
        port: &'a str,
    },
    /// An attempt failed.
    Failed {
        /// Whose.
        place: &'a Place,
        /// Whether, and how soon, another one can help.
        retry: Option<Retry>,
        /// The present.
        now: Timestamp,
        /// A random number from 0 to 1, for the jitter.
        random: f64,
    },
    /// An attempt could not begin yet: it has its turn later.
    Deferred {
        /// Whose.
        place: &'a Place,
        /// When.
        until: Timestamp,
    },
    /// The instant came at which a next attempt begins.
    Due {
        /// Whose.
        place: &'a Place,
    },
    /// An attempt waits for something outside.
    Parked {
        /// Whose.
        place: &'a Place,
        /// When it waits no longer.
        until: Option<Timestamp>,
    },
    /// It is not known whether an attempt happened, and nobody may repeat it unasked.
    Unknown {
        /// Whose.
        place: &'a Place,
    },
    /// A person wants an uncertain attempt repeated.
    Again {
        /// Whose.
        place: &'a Place,
    },
    /// A `for-each` knows its items.
    Items {
        /// Which node.
        place: &'a Place,
        /// How many there are.
        items: Items,
    },
    /// The run is not to go on.
    Stopped {
        /// How it ends.
        ending: Ending,
    },
}

impl<'a> Happened<'a> {
    fn place(self) -> Option<&'a Place> {
        match self {
            Happened::Finished { place, .. }
            | Happened::Failed { place, .. }
            | Happened::Deferred { place, .. }
            | Happened::Due { place }
            | Happened::Parked { place, .. }
            | Happened::Unknown { place }
            | Happened::Again { place }
            | Happened::Items { place, .. } => Some(place),
            Happened::Stopped { .. } => None,
        }
    }
}

/// What the engine is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Todo {
    /// Execute a node.
    Execute {
        /// Which.
        place: Place,
        /// The how manieth attempt, from 1.
        attempt: u32,
    },
    /// Tell when that instant comes: [`Happened::Due`] for a node that waits for its next attempt.
    Wait {
        /// For which node.
        place: Place,
        /// Until when.
        until: Timestamp,
    },
    /// Record that a node is skipped.
    Skip {
        /// Which.
        place: Place,
    },
    /// Record that a node will have no further attempt, and end the one that is under way.
    Cancel {
        /// Which.
        place: Place,
    },
    /// Make room for an item: steps in it are about to be executed.
    Begin {
        /// The `for-each`.
        place: Place,
        /// Which item.
        item: u32,
    },
    /// Keep what came of an item: nothing of it is under way any more.
    ItemOver {
        /// The `for-each`.
        place: Place,
        /// Which item.
        item: u32,
        /// The node that failed it.
        failed_by: Option<NodeIndex>,
    },
    /// Finish a `for-each`: all its items are over.
    Gather {
        /// Which.
        place: Place,
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
    /// Somebody stopped it.
    Cancelled,
    /// It took longer than it may.
    TimedOut,
}

impl State {
    /// The beginning of a run at `trigger`.
    pub fn start(definition: &Definition, trigger: NodeIndex) -> (State, Vec<Todo>) {
        let mut state = State::blank(definition, trigger);
        let mut todos = Vec::new();
        let path = ItemPath::default();
        state.root.set(definition, trigger, NodeState::Done);
        state
            .root
            .leave(definition, &path, trigger, Some(DATA_OUT), &mut todos);
        for (other, _) in definition.triggers().filter(|(other, _)| *other != trigger) {
            state.root.skip(definition, &path, other, &mut todos);
        }
        state.finish(&mut todos);
        (state, todos)
    }

    /// A run of which nothing has happened yet.
    pub(crate) fn blank(definition: &Definition, trigger: NodeIndex) -> State {
        State {
            trigger,
            root: Frame::blank(definition, RegionIndex::ROOT),
            finished: false,
        }
    }

    /// Takes what happened into the state and says what to do next. A report about a node that is not under way changes
    /// nothing: it is late.
    pub fn advance(&mut self, definition: &Definition, happened: Happened<'_>) -> Vec<Todo> {
        let mut todos = Vec::new();
        if self.finished {
            return todos;
        }
        if let Happened::Stopped { ending } = happened {
            self.root
                .cancel_all(definition, &ItemPath::default(), &mut todos);
            self.finished = true;
            todos.push(Todo::Finish(ending));
        }
        if let Some(place) = happened.place()
            && let Some(frame) = self.frame_mut(definition, place.node, &place.path)
        {
            frame.take(definition, &place.path, happened, &mut todos);
            let region = definition.region_of(place.node);
            self.settle(definition, region, place.path.clone(), &mut todos);
        }
        todos
    }

    /// Where a node stands; idle when its item is not under way.
    pub fn node(&self, definition: &Definition, place: &Place) -> NodeState {
        self.frame(definition, place)
            .map_or(NodeState::Idle, |frame| frame.node(definition, place.node))
    }

    /// Whether the run is over.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The trigger at which the run started.
    pub fn trigger(&self) -> NodeIndex {
        self.trigger
    }

    /// The nodes at which the run ended: done, and without a taken edge onwards.
    pub fn ends<'a>(&'a self, definition: &'a Definition) -> impl Iterator<Item = NodeIndex> + 'a {
        self.root.ends(definition)
    }

    /// The nodes whose edges to the node were taken.
    pub fn came_from(&self, definition: &Definition, place: &Place) -> Vec<NodeIndex> {
        let frame = self.frame(definition, place);
        frame.map_or_else(Vec::new, |frame| {
            frame.came_from(definition, place.node).collect()
        })
    }

    fn frame(&self, definition: &Definition, place: &Place) -> Option<&Frame> {
        let around = &definition.region(definition.region_of(place.node)).around;
        let mut frame = &self.root;
        if around.len() != place.path.items().len() {
            return None;
        }
        for (each, item) in around.iter().zip(place.path.items()) {
            frame = frame.each(*each)?.live.get(item)?;
        }
        Some(frame)
    }

    /// The frame that a node belongs to.
    fn frame_mut(
        &mut self,
        definition: &Definition,
        node: NodeIndex,
        path: &ItemPath,
    ) -> Option<&mut Frame> {
        let around = &definition.region(definition.region_of(node)).around;
        let mut frame = &mut self.root;
        if around.len() != path.items().len() {
            return None;
        }
        for (each, item) in around.iter().zip(path.items()) {
            frame = frame.each_mut(*each)?.live.get_mut(item)?;
        }
        Some(frame)
    }

    /// Ends the frames in which nothing is under way any more, from the one at `path` outwards.
    fn settle(
        &mut self,
        definition: &Definition,
        mut region: RegionIndex,
        mut path: ItemPath,
        todos: &mut Vec<Todo>,
    ) {
        while let Some((outer, item)) = path.parent() {
            let Some(node) = definition.region(region).around.last().copied() else {
                return;
            };
            let Some(frame) = self.frame_mut(definition, node, &outer) else {
                return;
            };
            if !frame.end_item(definition, &outer, node, item, todos) {
                return;
            }
            region = definition.region_of(node);
            path = outer;
        }
        self.finish(todos);
    }

    fn finish(&mut self, todos: &mut Vec<Todo>) {
        if self.finished || self.root.under_way() {
            return;
        }
        self.finished = true;
        todos.push(Todo::Finish(match self.root.failed_by {
            Some(node) => Ending::Failed { node },
            None => Ending::Succeeded,
        }));
    }
}
