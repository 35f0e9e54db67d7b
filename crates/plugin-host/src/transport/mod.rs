//! The two ways to reach a plugin, which look the same from here.

pub(crate) mod in_process;
pub(crate) mod process;

use std::time::Duration;

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

    /// Whether the server ends with it when it crashes. A call to such a one begins once that is on disk, so that a run that ends
    /// the server again and again is given up.
    fn shares_fate(&self) -> bool {
        false
    }

    /// How it has been doing. In the server's own process there is nothing to tell: a crash ends both.
    fn health(&self) -> Health {
        Health::default()
    }
}

/// How a plugin has been doing since it was loaded.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// How often its process ended when it should not have, or had to be ended.
    pub crashes: u64,
    /// The last thing that went wrong: why its process ended, or why a newer version of it is not in service.
    pub last_error: Option<String>,
    /// How long calls are refused because it keeps crashing; zero when the next call tries it again.
    pub quarantined_for: Option<Duration>,
    /// What keeps its process from the machine, as the process itself found it; none in the server's own process.
    pub sandbox: Option<Sandbox>,
}

/// One call that waits for answers. Dropping it closes the plugin's instance, exactly once.
#[async_trait]
pub(crate) trait Conversation: Send {
    /// Hands answers over and runs the call to its next stop.
    async fn resume(&mut self, events: Vec<u8>) -> Result<Reply, Fault>;

    /// Whether the plugin has not come back from a resume that nobody waits for any more.
    fn is_working(&self) -> bool;

    /// Waits until it has.
    async fn rest(&mut self) -> Result<Reply, Fault>;
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
    /// It crashed so often that it is left alone for a while.
    #[error("{message}")]
    Quarantined {
        /// A sentence.
        message: String,
        /// How long.
        retry_after: Duration,
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
/// The code of a call whose plugin keeps crashing and is left alone for a while.
pub const PLUGIN_QUARANTINED: &str = "PLUGIN_QUARANTINED";

/// What to do about a plugin that is to blame.
const REMEDY: &str =
    "this is a mistake in the plugin, which `jackfield plugin check` helps its author to find";

impl Fault {
    /// What happened and what to do about it.
    pub(crate) fn explain(&self) -> String {
        match self {
            Self::Unusable { .. } | Self::Quarantined { .. } => self.to_string(),
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
            Self::Quarantined { retry_after, .. } => {
                let mut error = CallError::new(PLUGIN_QUARANTINED, message).retryable();
                let millis = retry_after.as_millis().max(1);
                error.retry_after_ms = Some(u64::try_from(millis).unwrap_or(u64::MAX));
                error
            }
        }
    }
}
