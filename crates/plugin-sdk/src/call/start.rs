use std::future::Future;
use std::pin::Pin;

use jackfield_plugin_abi::frame::Frame;
use jackfield_plugin_abi::messages::{Call, CallError, Outcome, code, port};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

use crate::{Context, Result};

/// A call on its way.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Outcome>> + Send>>;

/// Begins a call of one operation.
pub(crate) type Start = Box<dyn Fn(&Opened<'_>) -> Result<Work> + Send + Sync>;

/// A call that was opened.
pub(crate) struct Opened<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) context: Context,
}

impl Opened<'_> {
    /// The node's config.
    pub(crate) fn config<T: DeserializeOwned>(&self) -> Result<T> {
        let mut json = serde_json::Deserializer::from_str(self.call.config.get());
        let config = serde_path_to_error::deserialize(&mut json);
        config.map_err(|error| invalid_config(&self.call.node, &error))
    }

    /// The arguments of the operation.
    pub(crate) fn arguments<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.call.input.get()).map_err(|error| {
            let message = format!("The arguments of {} are not valid: {error}.", self.call.op);
            CallError::new(code::INVALID_INPUT, message)
        })
    }
}

/// Says which field is wrong, and why. The place in a text that nobody sees says less.
pub(crate) fn invalid_config(
    node: &str,
    error: &serde_path_to_error::Error<serde_json::Error>,
) -> CallError {
    let reason = error.inner().to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    let subject = match error.path().to_string().as_str() {
        "." | "?" => format!("The config of {node}"),
        field => format!("{field} in the config of {node}"),
    };
    CallError::new(
        code::INVALID_CONFIG,
        format!("{subject} is not valid: {reason}."),
    )
}

/// The work of an operation other than a node's.
pub(crate) fn answer<T: Serialize>(work: impl Future<Output = Result<T>> + Send + 'static) -> Work {
    Box::pin(async move { outcome(&work.await?) })
}

fn outcome<T: Serialize>(result: &T) -> Result<Outcome> {
    let output: Box<RawValue> = to_raw_value(result).map_err(|error| {
        let message = format!("The result is no JSON: {error}.");
        CallError::new(code::PLUGIN_FAULT, message)
    })?;
    Ok(Outcome {
        port: port::DATA_OUT.to_owned(),
        output,
        retry: None,
    })
}
