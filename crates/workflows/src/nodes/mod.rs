//! The types of node there are: the built-in ones, one file each, and those of the plugins.

mod catalogue;
mod debug;
pub(crate) mod event;
mod r#if;
mod manual;
mod node_type;
mod respond;
pub(crate) mod schedule;
mod set;
pub(crate) mod webhook;

pub use catalogue::Catalogue;
pub(crate) use catalogue::Current;
pub use node_type::{Behaviour, Category, Logic, NodeType, Port, Trigger};

use crate::definition::DATA_OUT;
use crate::expression::{StepOutput, Value};

/// The built-in types.
fn built_in() -> [NodeType; 8] {
    [
        webhook::node_type(),
        event::node_type(),
        schedule::node_type(),
        manual::node_type(),
        r#if::node_type(),
        set::node_type(),
        debug::node_type(),
        respond::node_type(),
    ]
}

/// Executes a logic node: its evaluated config in, its output out. These nodes touch nothing outside, so they are
/// executed in memory and cost no commit of their own.
///
/// The error is a sentence about the evaluated config.
pub(crate) fn execute(logic: Logic, config: &Value) -> Result<StepOutput, String> {
    match logic {
        Logic::If => Ok(r#if::execute(config)),
        Logic::Set => Ok(set::execute(config)),
        Logic::Debug => Ok(debug::execute(config)),
        Logic::Respond => respond::execute(config),
    }
}

fn data_out(output: Value) -> StepOutput {
    StepOutput {
        output,
        port: DATA_OUT.into(),
    }
}
