//! The types of node there are: the built-in ones, one file each, and those of the plugins.

pub(crate) mod approval;
mod catalogue;
mod debug;
pub(crate) mod delay;
pub(crate) mod event;
mod fail;
pub(crate) mod for_each;
mod hint;
mod r#if;
mod manual;
pub(crate) mod merge;
mod node_type;
mod respond;
pub(crate) mod run_workflow;
pub(crate) mod schedule;
mod set;
mod switch;
pub(crate) mod wait;
pub(crate) mod wait_for_event;
pub(crate) mod webhook;

pub use catalogue::Catalogue;
pub(crate) use catalogue::Current;
pub use hint::{Hints, MessageMember, ResourceMember};
pub use node_type::{Behaviour, Category, Logic, NodeType, Port, Trigger, Wait};

use crate::definition::{DATA_OUT, Join};
use crate::expression::{StepOutput, Value};

/// The built-in types.
fn built_in() -> [NodeType; 16] {
    [
        webhook::node_type(),
        event::node_type(),
        schedule::node_type(),
        manual::node_type(),
        r#if::node_type(),
        set::node_type(),
        debug::node_type(),
        respond::node_type(),
        switch::node_type(),
        merge::node_type(),
        for_each::node_type(),
        delay::node_type(),
        wait_for_event::node_type(),
        approval::node_type(),
        run_workflow::node_type(),
        fail::node_type(),
    ]
}

/// Executes a logic node: its evaluated config in, its output out. These nodes touch nothing outside, so they are
/// executed in memory and cost no commit of their own.
///
/// `arrived` is what the steps before have returned, by their keys. The error is a sentence about the evaluated config.
pub(crate) fn execute(
    logic: Logic,
    config: &Value,
    join: Join,
    arrived: Vec<(&str, Value)>,
) -> Result<StepOutput, String> {
    match logic {
        Logic::Switch => Ok(switch::execute(config)),
        Logic::Merge => merge::execute(join, arrived),
        Logic::Fail => Err(fail::message(config)),
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
