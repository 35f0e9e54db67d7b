use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_plugin_abi::messages::{CallError, Manifest, NodeManifest, ProviderManifest, code};
use parking_lot::Mutex;
use url::Url;

use crate::files::Stamp;
use crate::image::Sha256;
use crate::transport::{Health, Transport};
use crate::trust::{Grants, Trust};

/// How a plugin is kept apart from the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// In a sandboxed child process. A crash or an endless loop fails the calls in flight and nothing else.
    #[default]
    Process,
    /// In the server's own process, with all its rights: what crashes the plugin crashes the server.
    InProcess,
}

impl Isolation {
    /// The spelling of the configuration: `process` or `in-process`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::InProcess => "in-process",
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Isolation {
    type Err = UnknownIsolation;

    fn from_str(text: &str) -> Result<Self, UnknownIsolation> {
        match text {
            "process" => Ok(Self::Process),
            "in-process" => Ok(Self::InProcess),
            _ => Err(UnknownIsolation(text.to_owned())),
        }
    }
}

/// A configuration names an isolation that there is not.
#[derive(Debug, thiserror::Error)]
#[error("isolation is \"process\" or \"in-process\", not {0:?}")]
pub struct UnknownIsolation(String);

/// Whether a plugin can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PluginStatus {
    /// Its nodes can be called.
    Ready,
    /// It could not be loaded; [`Plugin::error`] says why.
    Failed,
    /// It keeps crashing: calls are refused for a while; [`Plugin::health`] says why and for how long.
    Quarantined,
}

/// A plugin file that was found, loaded or not.
pub struct Plugin {
    pub(crate) id: String,
    pub(crate) file: PathBuf,
    pub(crate) isolation: Isolation,
    pub(crate) sha256: Option<Sha256>,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) state: State,
    /// Why a newer version of it is not the one in service.
    pub(crate) held_back: Mutex<Option<String>>,
}

pub(crate) enum State {
    Ready(Box<Ready>),
    Failed(String),
}

/// What a loaded plugin consists of.
pub(crate) struct Ready {
    pub(crate) manifest: Manifest,
    pub(crate) grants: Grants,
    pub(crate) transport: Arc<dyn Transport>,
}

impl Plugin {
    /// What tells it from every other one: its name when it came as a bundle, otherwise its file relative to the plugins
    /// directory.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name in its manifest, or that of its file when it could not be loaded.
    pub fn name(&self) -> &str {
        match &self.state {
            State::Ready(ready) => &ready.manifest.name,
            State::Failed(_) => &self.id,
        }
    }

    /// Its own version; none when it could not be loaded.
    pub fn version(&self) -> Option<&str> {
        self.manifest().map(|manifest| manifest.version.as_str())
    }

    /// Whether it can be used.
    pub fn status(&self) -> PluginStatus {
        match &self.state {
            State::Ready(ready) if ready.transport.health().quarantined_for.is_some() => {
                PluginStatus::Quarantined
            }
            State::Ready(_) => PluginStatus::Ready,
            State::Failed(_) => PluginStatus::Failed,
        }
    }

    /// Why it cannot be used: a sentence that names the file and the reason.
    pub fn error(&self) -> Option<&str> {
        match &self.state {
            State::Ready(_) => None,
            State::Failed(reason) => Some(reason),
        }
    }

    /// How it is kept apart.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// Where it was found.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What it says about itself; none when it could not be loaded.
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.state {
            State::Ready(ready) => Some(&ready.manifest),
            State::Failed(_) => None,
        }
    }

    /// The SHA-256 of what was read of its file, which is what is loaded; none when it could not be read.
    pub fn sha256(&self) -> Option<&Sha256> {
        self.sha256.as_ref()
    }

    /// What it may do; none when it could not be loaded.
    pub fn grants(&self) -> Option<&Grants> {
        match &self.state {
            State::Ready(ready) => Some(&ready.grants),
            State::Failed(_) => None,
        }
    }

    /// Refuses a URL on a host that the operator did not grant.
    ///
    /// Asked for everything that is sent on the plugin's behalf, with or without a credential, and before a connected app
    /// may point it somewhere else, which is the operator's own doing.
    ///
    /// # Errors
    /// [`code::HOST_NOT_GRANTED`], with the command that grants the host.
    pub fn may_reach(&self, url: &Url) -> Result<(), CallError> {
        if self.grants().is_some_and(|grants| grants.admit(url)) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default();
        let name = self.name();
        let message = format!(
            "the plugin {name} may not reach {host}: that host is not granted. To grant it, run `jackfield plugin grant {name} --hosts {host}`"
        );
        Err(CallError::new(code::HOST_NOT_GRANTED, message))
    }

    /// Whether nothing has changed in what is trusted about it.
    pub(crate) fn still_trusted(&self, trust: &Trust) -> bool {
        match (&self.state, &self.sha256) {
            (State::Ready(ready), Some(sha256)) => {
                let granted = trust.grant(&self.id, sha256, &ready.manifest);
                granted.is_ok_and(|grants| grants == ready.grants)
            }
            _ => false,
        }
    }

    /// Whether it may go on although a newer file was to take its place.
    pub(crate) fn may_stay(&self, trust: &Trust) -> bool {
        trust.keeps(&self.id)
    }

    /// The node types that it brings.
    pub fn node_types(&self) -> impl Iterator<Item = &str> {
        let nodes = self.manifest().map_or(&[][..], |manifest| &manifest.nodes);
        nodes.iter().map(|node| node.node_type.as_str())
    }

    /// How it has been doing since it was loaded.
    pub fn health(&self) -> Health {
        let mut health = self.transport().map(Transport::health).unwrap_or_default();
        if let Some(reason) = &*self.held_back.lock() {
            health.last_error = Some(format!("a newer version is not in service: {reason}"));
        }
        health
    }

    pub(crate) fn transport(&self) -> Option<&dyn Transport> {
        match &self.state {
            State::Ready(ready) => Some(&*ready.transport),
            State::Failed(_) => None,
        }
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("id", &self.id)
            .field("status", &self.status())
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}

/// A node type and the plugin that brings it.
#[derive(Debug)]
pub struct NodeType {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// What the plugin says about the node.
    pub manifest: Arc<NodeManifest>,
}

/// A provider and the plugin that brings it.
#[derive(Debug)]
pub struct Provider {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// What the plugin says about the provider.
    pub manifest: Arc<ProviderManifest>,
}
