use async_graphql::{Enum, Object};
use jackfield_plugin_host as host;

/// What keeps a plugin's process from the rest of the machine.
#[derive(Clone, Copy)]
pub struct PluginSandbox(pub host::Sandbox);

/// How much of its Landlock rules the kernel enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "host::Landlock")]
pub enum PluginLandlock {
    /// None: the kernel has no Landlock, or the system has none.
    None,
    /// Some: the kernel is older than the rules.
    Partial,
    /// All of them.
    Full,
}

/// What keeps a plugin's process from the rest of the machine.
#[Object]
impl PluginSandbox {
    /// Whether the kernel's Landlock keeps it from files, TCP ports, and signals to other processes.
    async fn landlock(&self) -> PluginLandlock {
        self.0.landlock.into()
    }

    /// The version of Landlock's rules that is enforced; 0 when there is none.
    async fn landlock_abi(&self) -> i32 {
        self.0.landlock_abi.into()
    }

    /// Whether a seccomp filter keeps it from sockets, processes and every system call that it has no need of.
    async fn seccomp(&self) -> bool {
        self.0.seccomp
    }

    /// Whether it can gain no rights by starting another program.
    async fn no_new_privileges(&self) -> bool {
        self.0.no_new_privileges
    }

    /// Most bytes of memory that the kernel gives it; null when there is no limit.
    async fn memory_bytes(&self) -> Option<f64> {
        self.0.memory.map(|bytes| bytes as f64)
    }

    /// Most files that it may have open; null when there is no limit.
    async fn open_files(&self) -> Option<i32> {
        let files = self.0.files?;
        Some(i32::try_from(files).unwrap_or(i32::MAX))
    }
}
