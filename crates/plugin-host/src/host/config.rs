use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jackfield_egress::Egress;
use jackfield_plugin_abi::frame::{Caps, HEADER_LEN};

use crate::plugin::Isolation;
use crate::transport::process::breaker::BreakerLimits;
use crate::trust::Unsigned;

/// Where plugins come from and how they are run.
#[derive(Clone)]
pub struct HostConfig {
    /// The directory with the plugin files; a host without one has no plugins.
    pub dir: Option<PathBuf>,
    /// How plugins are kept apart (`JACKFIELD_ISOLATION`).
    pub isolation: Isolation,
    /// Plugins that an operator trusts to run in the server's process whatever `isolation` says, by
    /// [`Plugin::id`](crate::Plugin::id).
    pub in_process: BTreeSet<String>,
    /// Whether files are loaded that nobody vouched for (`JACKFIELD_UNSIGNED_PLUGINS`).
    pub unsigned: Unsigned,
    /// What their requests go through.
    pub egress: Egress,
    /// What a plugin may use.
    pub limits: PluginLimits,
    /// The program that is started for a plugin, with [`CHILD_ARG`](crate::CHILD_ARG) as its only argument: by default
    /// the running one. It has to call [`child::run`](crate::child::run) when it sees that argument.
    pub child: Option<PathBuf>,
}

impl HostConfig {
    /// Plugins of a directory, signed or not, each in a process of its own.
    pub fn new(dir: impl Into<PathBuf>, egress: Egress) -> Self {
        Self {
            dir: Some(dir.into()),
            ..Self::without_plugins(egress)
        }
    }

    pub(super) fn without_plugins(egress: Egress) -> Self {
        Self {
            dir: None,
            isolation: Isolation::Process,
            in_process: BTreeSet::new(),
            unsigned: Unsigned::Allow,
            egress,
            limits: PluginLimits::default(),
            child: None,
        }
    }

    /// How the plugin of this id is kept apart.
    pub(super) fn isolation_of(&self, id: &str) -> Isolation {
        match self.in_process.contains(id) {
            true => Isolation::InProcess,
            false => self.isolation,
        }
    }

    /// What tells a file from all others.
    pub(super) fn id_of(&self, file: &Path) -> String {
        let dir = self.dir.as_deref().unwrap_or(Path::new(""));
        let id = file.strip_prefix(dir).unwrap_or(file);
        id.display().to_string()
    }
}

/// What a plugin may use.
#[derive(Clone, Copy, Debug)]
pub struct PluginLimits {
    /// How long one resume may take before the plugin's process is ended.
    pub resume: Duration,
    /// How much processor time one resume may use, all threads of the process together.
    pub cpu: Duration,
    /// How long a call that is given up may take to tidy up before it is closed.
    pub grace: Duration,
    /// How long a plugin may take to start.
    pub start: Duration,
    /// How long a process without calls is kept.
    pub idle: Duration,
    /// Most memory of a plugin's process, in bytes.
    pub memory: u64,
    /// Most bytes of one frame.
    pub frame: Caps,
    /// Most bytes that a plugin may write at once, when that is less than a frame.
    pub output: usize,
    /// Most effects of one call that may be outstanding.
    pub outstanding: usize,
    /// Most effects of one call in all.
    pub effects: usize,
    /// What happens when it keeps crashing.
    pub breaker: BreakerLimits,
}

impl Default for PluginLimits {
    fn default() -> Self {
        Self {
            resume: Duration::from_secs(10),
            cpu: Duration::from_secs(10),
            grace: Duration::from_secs(2),
            start: Duration::from_secs(10),
            idle: Duration::from_secs(300),
            memory: 512 << 20,
            frame: Caps::default(),
            output: usize::MAX,
            outstanding: 1024,
            effects: 100_000,
            breaker: BreakerLimits::default(),
        }
    }
}

impl PluginLimits {
    pub(crate) fn max_frame(&self) -> usize {
        HEADER_LEN + self.frame.json + self.frame.bin
    }
}
