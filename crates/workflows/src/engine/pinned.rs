//! Nodes that are not executed in a test run, because their outputs are pinned.

use std::collections::HashMap;

use jackfield_storage::run::Run;

use super::drive::Driver;
use super::failure;
use super::prepare::value;
use crate::definition::ERROR;
use crate::expression::StepOutput;
use crate::machine::Place;
use crate::nodes::Behaviour;
use crate::workflow::Pinned;

/// What nodes return instead of being executed, by their keys.
#[derive(Default)]
pub(super) struct Pins(HashMap<String, Pinned>);

impl Pins {
    /// The pins with which a run was started. They are the run's own: what is pinned later does not concern it.
    pub fn of(run: &Run) -> Pins {
        let pins = run.pins.as_ref().filter(|_| run.is_test);
        // What was stored was written from the same type, so one that cannot be read is none.
        Pins(pins.and_then(|pins| pins.parse().ok()).unwrap_or_default())
    }
}

impl Driver {
    /// Finishes a step whose node is pinned; whether it is.
    pub(super) fn leave_as_pinned(&mut self, place: &Place) -> bool {
        let definition = self.definition.clone();
        let node = definition.node(place.node);
        let Some(Pinned { output, port }) = self.pins.0.get(node.key.as_str()).cloned() else {
            return false;
        };
        let now = self.now();
        let row = self.row(place);
        row.pinned = true;
        row.started_at = row.started_at.or(Some(now));
        if port == ERROR {
            let failure = failure::of_error_output(output.as_str());
            self.failed(place, &failure, Some(output), None);
            return true;
        }
        if let Behaviour::Logic(logic) = node.kind.behaviour {
            self.answer_with(logic, &output);
        }
        let shown = StepOutput {
            output: value(&output),
            port: port.into(),
        };
        self.succeeded(place, shown, output);
        true
    }

    /// Whether the trigger's output is pinned; it is, like its input, what the run was started with.
    pub(super) fn is_pinned(&self, key: &str) -> bool {
        self.pins.0.contains_key(key)
    }
}
