use std::time::Duration;

use jackfield_plugin_abi::messages::{CallError, Level, Outcome, code, port};
use serde_json::Value;

use super::SentRequest;

/// What a node did and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub result: Result<Outcome, CallError>,
    /// What it sent, in order.
    pub requests: Vec<SentRequest>,
    /// What it logged.
    pub logs: Vec<(Level, String)>,
    /// How far it said to be.
    pub progress: Vec<(Option<f64>, String)>,
    /// How long it slept.
    pub slept: Duration,
    /// How many requests were in flight at most.
    pub most_in_flight: usize,
}

impl Ran {
    pub(super) fn new() -> Self {
        Self {
            result: Err(CallError::new(code::INTERNAL, "")),
            requests: Vec::new(),
            logs: Vec::new(),
            progress: Vec::new(),
            slept: Duration::ZERO,
            most_in_flight: 0,
        }
    }

    /// What left through `data-out`.
    ///
    /// # Panics
    /// When nothing did.
    #[track_caller]
    pub fn output(&self) -> Value {
        self.output_of(port::DATA_OUT)
    }

    /// What left through a port.
    ///
    /// # Panics
    /// When nothing did.
    #[track_caller]
    pub fn output_of(&self, port: &str) -> Value {
        match &self.result {
            Ok(outcome) if outcome.port == port => serde_json::from_str(outcome.output.get())
                .expect("an output is JSON, which the message saw to"),
            other => panic!("nothing left through {port}: {other:?}"),
        }
    }

    /// Why it failed.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn error(&self) -> &CallError {
        self.result
            .as_ref()
            .expect_err("the node should have failed")
    }
}
