//! Finds plugins, keeps them apart from the server, drives their calls and performs their effects.
//!
//! A plugin does no I/O: each call is a coroutine that [`Host::execute`] resumes with answers until it is done. Whatever
//! it wants from the world it asks for as an effect, and gets it from [`jackfield_egress`] and from the [`Services`] of
//! the step that it runs for. By default a plugin lives in a sandboxed child process ([`child`]).

pub mod bundle;
pub mod check;
pub mod child;
mod drive;
mod effect;
mod farewell;
mod files;
mod host;
mod hosts;
mod image;
mod kept;
mod library;
mod manifest;
mod operation;
mod plugin;
mod readable;
mod services;
mod transport;
pub mod trust;

pub use child::CHILD_ARG;
pub use effect::UNCERTAIN;
pub use host::{Host, HostConfig, PluginLimits};
pub use image::Sha256;
pub use jackfield_plugin_abi::messages;
pub use operation::{IncomingRequest, Operation};
pub use plugin::{Isolation, NodeType, Plugin, PluginStatus, Provider, UnknownIsolation};
pub use readable::readable;
pub use services::{
    BlobPart, CallJournal, Earlier, OutgoingRequest, RecordedTurn, Recorder, SecretBytes, Services,
};
pub use transport::process::breaker::BreakerLimits;
pub use transport::process::hello::{Landlock, Sandbox};
pub use transport::{Health, PLUGIN_QUARANTINED, PLUGIN_TIMEOUT};
pub use trust::{Grants, Unsigned};
