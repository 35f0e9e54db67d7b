use std::time::Duration;

use jackfield_plugin_abi::messages::{CallError, Outcome, Retry, code, port};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::Result;

/// What a node returns: a value and the port that it leaves through.
#[derive(Debug)]
pub struct Output {
    port: String,
    value: serde_json::Result<Box<RawValue>>,
    retry: Option<Retry>,
}

impl Output {
    /// Through `data-out`.
    pub fn data<T: Serialize + ?Sized>(value: &T) -> Self {
        Self::port(port::DATA_OUT, value)
    }

    /// Through a port of your own, or `error`.
    pub fn port<T: Serialize + ?Sized>(port: &str, value: &T) -> Self {
        Self {
            port: port.to_owned(),
            value: to_raw_value(value),
            retry: None,
        }
    }

    /// Trying again can give a better output, after `wait` where the other side asked for it. A node with a retry policy
    /// is tried again; the output counts after the last try.
    #[must_use]
    pub fn worth_retrying(mut self, wait: Option<Duration>) -> Self {
        let after_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        self.retry = Some(Retry { after_ms });
        self
    }

    pub(crate) fn into_outcome(self) -> Result<Outcome> {
        let no_json = |error| {
            let message = format!("The node's output is no JSON: {error}.");
            CallError::new(code::PLUGIN_FAULT, message)
        };
        Ok(Outcome {
            port: self.port,
            output: self.value.map_err(no_json)?,
            retry: self.retry,
        })
    }
}
