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
    /// Seconds of processor time before the kernel steps in; the host moves it ahead.
    pub(crate) cpu_seconds: u64,
    /// Most bytes of a frame.
    pub(crate) max_frame: usize,
    /// Most bytes that the plugin may write at once.
    pub(crate) max_output: usize,
    /// Whether the child may stay awake for a moment when it waits for the host.
    pub(crate) stays: bool,
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

/// What keeps a plugin's process from the rest of the machine, as its process found it after the doors were closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// Whether the kernel's Landlock keeps it from files and ports.
    pub landlock: Landlock,
    /// The version of Landlock's rules that the kernel enforces; 0 when it enforces none.
    pub landlock_abi: u8,
    /// Whether a seccomp filter keeps it from sockets, processes and everything else that it has no need of.
    pub seccomp: bool,
    /// Whether it can gain no rights by starting another program.
    pub no_new_privileges: bool,
    /// Most bytes of memory that the kernel gives it; none when there is no limit.
    pub memory: Option<u64>,
    /// Most files that it may have open; none when there is no limit.
    pub files: Option<u64>,
}

impl Sandbox {
    /// Whether everything is in force that this server knows of.
    pub fn is_whole(&self) -> bool {
        self.landlock == Landlock::Full && self.seccomp && self.no_new_privileges
    }
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

impl Landlock {
    /// `none`, `partial` or `full`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Partial => "partial",
            Self::Full => "full",
        }
    }
}
