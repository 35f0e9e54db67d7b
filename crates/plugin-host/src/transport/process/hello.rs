use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::library::Step;

/// The first thing that a child is told, together with the descriptor of the library where there are such.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// The process of the host, without which the child has no reason to live.
    pub(crate) host: u32,
    /// The library, where it does not come as a descriptor.
    pub(crate) file: PathBuf,
    /// Most memory in bytes.
    pub(crate) memory: u64,
    /// Most bytes of a frame.
    pub(crate) max_frame: usize,
    /// Most bytes that the plugin may write at once.
    pub(crate) max_output: usize,
}

/// The first thing that a child says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// What is really in force.
    pub(crate) sandbox: Sandbox,
    /// Why the library could not be loaded.
    pub(crate) error: Option<NotLoaded>,
}

/// Why a child could not load its library.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NotLoaded {
    /// How far it came.
    pub(crate) step: Step,
    /// A sentence.
    pub(crate) reason: String,
}

/// What keeps a plugin's process from the rest of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// Whether the kernel's Landlock keeps it from files and ports.
    pub landlock: Landlock,
    /// Whether a seccomp filter keeps it from sockets, processes and everything else that it has no need of.
    pub seccomp: bool,
}

/// How much of the Landlock rules the kernel enforces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Landlock {
    /// The kernel has no Landlock.
    #[default]
    None,
    /// An older kernel enforces some of them.
    Partial,
    /// All of them.
    Full,
}
