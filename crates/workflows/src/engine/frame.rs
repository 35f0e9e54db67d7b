//! The data of a run, or of one item of a `for-each`.

use std::collections::HashMap;
use std::sync::Arc;

use jackfield_storage::Json;
use jackfield_storage::step::Step;

use crate::definition::NodeIndex;
use crate::expression::{StepOutput, Value};

/// What the steps of a frame have come to.
pub(super) struct FrameData {
    /// What expressions see, by the index of the node: also the steps around the frame.
    pub outputs: Arc<Vec<Option<StepOutput>>>,
    /// The step of each node of the frame, as it is or will be on disk.
    pub rows: HashMap<NodeIndex, Step>,
    /// The items of the `for-each` nodes that have begun.
    pub loops: HashMap<NodeIndex, Items>,
}

/// The items of a `for-each`, and what came of them.
pub(super) struct Items {
    pub items: Vec<Value>,
    pub results: Vec<Option<ItemResult>>,
}

/// What came of an item.
pub(super) enum ItemResult {
    Output(Json),
    /// The error of the node that failed it.
    Error(Json),
}

impl FrameData {
    pub fn new(outputs: Arc<Vec<Option<StepOutput>>>) -> FrameData {
        FrameData {
            outputs,
            rows: HashMap::new(),
            loops: HashMap::new(),
        }
    }

    pub fn show(&mut self, node: NodeIndex, output: StepOutput) {
        Arc::make_mut(&mut self.outputs)[node.index()] = Some(output);
    }

    pub fn output(&self, node: NodeIndex) -> Option<&Json> {
        self.rows.get(&node)?.output.as_ref()
    }
}

impl Items {
    pub fn new(items: Vec<Value>) -> Items {
        Items {
            results: items.iter().map(|_| None).collect(),
            items,
        }
    }
}
