//! The two ways to reach a plugin, which look the same from here.

pub(crate) mod in_process;
pub(crate) mod process;

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_plugin_abi::Status;
use jackfield_plugin_abi::messages::{CallError, code};

use crate::library::{Sink, Step, verdict};
use process::hello::Sandbox;

/// A loaded plugin that can begin calls.
#[async_trait]
pub(crate) trait Transport: Send + Sync {
    /// The frame of the manifest.
    async fn describe(&self) -> Result<Bytes, Fault>;

    /// Begins a call and runs it to its first stop.
    async fn open(&self, call: &[u8]) -> Result<(Box<dyn Conversation>, Reply), Fault>;

    /// What keeps the plugin from the machine; none in the server's own process.
    fn sandbox(&self) -> Option<Sandbox> {
        None
    }
}

/// One call that waits for answers. Dropping it closes the plugin's instance, exactly once.
#[async_trait]
pub(crate) trait Conversation: Send {
    /// Hands answers over and runs the call to its next stop.
    async fn resume(&mut self, events: Vec<u8>) -> Result<Reply, Fault>;
}

/// Where a call stopped.
pub(crate) struct Reply {
    /// Whether the call is over.
    pub(crate) done: bool,
    /// The frame that the plugin wrote.
    pub(crate) frame: Bytes,
}

/// A plugin that did not do its part.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// It broke the rules of the ABI.
    #[error("{0}")]
    Misbehaved(String),
    /// Its library cannot be used.
    #[error("{reason}")]
    Unusable {
        /// How far loading it came.
        step: Step,
        /// A sentence.
        reason: String,
    },
    /// One of its functions failed.
    #[error("{function} {}", said(*.status))]
    Failed {
        /// The function.
        function: &'static str,
        /// What it returned.
        status: Status,
    },
    /// It wrote more than it may.
    #[error("{0}")]
    TooMuch(String),
    /// It went on when its output was refused.
    #[error("{0}")]
    Deaf(String),
    /// Its process ended.
    #[error("{0}")]
    Crashed(String),
    /// It did not return in time.
    #[error("{0}")]
    Stuck(String),
    /// It is not running and may not be started just now.
    #[error("{message}")]
    Unavailable {
        /// A sentence.
        message: String,
        /// Milliseconds until it may.
        retry_after_ms: u64,
    },
}

fn said(status: Status) -> String {
    match status {
        Status::PANIC => "panicked".into(),
        Status::MALFORMED => "was refused as malformed".into(),
        Status::NO_MEMORY => "ran out of memory".into(),
        Status(other) => format!("returned {other}, which is no status"),
    }
}

/// The frame of a manifest. There is nothing to wait for in `describe`.
pub(crate) fn described(reply: Reply) -> Result<Bytes, Fault> {
    match reply.done {
        true => Ok(reply.frame),
        false => Err(Fault::Misbehaved(
            "describe returned JF_PENDING, which only resume may".into(),
        )),
    }
}

/// What it means that `open` did not return an instance.
pub(crate) fn refused(status: Status) -> Fault {
    match verdict(status, Sink::new(0), "open") {
        Err(fault) => fault,
        Ok(_) => Fault::Misbehaved("open returned no instance".into()),
    }
}

/// The code of a call whose plugin did not return in time.
pub const PLUGIN_TIMEOUT: &str = "PLUGIN_TIMEOUT";
/// The code of a call whose plugin crashed too often to be started again right away.
pub const PLUGIN_UNAVAILABLE: &str = "PLUGIN_UNAVAILABLE";

/// What to do about a plugin that is to blame.
const REMEDY: &str =
    "this is a mistake in the plugin, which `jackfield plugin check` helps its author to find";

impl Fault {
    /// What happened and what to do about it.
    pub(crate) fn explain(&self) -> String {
        match self {
            Self::Unusable { .. } | Self::Unavailable { .. } => self.to_string(),
            _ => format!("{self}; {REMEDY}"),
        }
    }

    /// The error of a call to this plugin.
    pub(crate) fn into_error(self, plugin: &str) -> CallError {
        let message = format!("the plugin {plugin}: {}", self.explain());
        match self {
            Self::Misbehaved(_) | Self::Unusable { .. } | Self::Failed { .. } => {
                CallError::new(code::PLUGIN_FAULT, message)
            }
            Self::TooMuch(_) | Self::Deaf(_) => CallError::new(code::TOO_LARGE, message),
            Self::Crashed(_) => CallError::new(code::PLUGIN_CRASHED, message).retryable(),
            Self::Stuck(_) => CallError::new(PLUGIN_TIMEOUT, message),
            Self::Unavailable { retry_after_ms, .. } => {
                let mut error = CallError::new(PLUGIN_UNAVAILABLE, message).retryable();
                error.retry_after_ms = Some(retry_after_ms);
                error
            }
        }
    }
}
