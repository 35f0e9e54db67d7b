use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jackfield_egress::Egress;
use jackfield_plugin_abi::frame::{Caps, HEADER_LEN};
use jackfield_plugin_abi::messages::{Call, CallError, Manifest, Outcome, code};

use crate::drive::Driver;
use crate::library::{self, Library};
use crate::plugin::{Isolation, NodeType, Plugin, Provider, Ready, State};
use crate::services::Services;
use crate::transport::Transport;
use crate::transport::in_process::InProcess;
use crate::transport::process::Process;
use crate::transport::process::hello::Landlock;
use crate::{files, manifest};

/// Where plugins come from and how they are run.
#[derive(Clone)]
pub struct HostConfig {
    /// The directory with the plugin files; a host without one has no plugins.
    pub dir: Option<PathBuf>,
    /// How plugins are kept apart (`JACKFIELD_ISOLATION`).
    pub isolation: Isolation,
    /// Plugins that an operator trusts to run in the server's process whatever `isolation` says: paths relative to
    /// `dir`, like [`Plugin::id`].
    pub in_process: BTreeSet<String>,
    /// What their requests go through.
    pub egress: Egress,
    /// What a plugin may use.
    pub limits: PluginLimits,
    /// The program that is started for a plugin, with [`CHILD_ARG`](crate::CHILD_ARG) as its only argument: by default
    /// the running one. It has to call [`child::run`](crate::child::run) when it sees that argument.
    pub child: Option<PathBuf>,
}

impl HostConfig {
    /// Plugins of a directory, each in a process of its own.
    pub fn new(dir: impl Into<PathBuf>, egress: Egress) -> Self {
        Self {
            dir: Some(dir.into()),
            isolation: Isolation::Process,
            in_process: BTreeSet::new(),
            egress,
            limits: PluginLimits::default(),
            child: None,
        }
    }
}

/// What a plugin may use.
#[derive(Clone, Copy, Debug)]
pub struct PluginLimits {
    /// How long one resume may take before the plugin's process is ended.
    pub resume: Duration,
    /// How long a plugin may take to start.
    pub start: Duration,
    /// How long a process without calls is kept.
    pub idle: Duration,
    /// Most memory of a plugin's process, in bytes.
    pub memory: u64,
    /// Most bytes of one frame.
    pub frame: Caps,
    /// Most effects of one call that may be outstanding.
    pub outstanding: usize,
}

impl Default for PluginLimits {
    fn default() -> Self {
        Self {
            resume: Duration::from_secs(10),
            start: Duration::from_secs(10),
            idle: Duration::from_secs(300),
            memory: 512 << 20,
            frame: Caps::default(),
            outstanding: 1024,
        }
    }
}

impl PluginLimits {
    pub(crate) fn max_frame(&self) -> usize {
        HEADER_LEN + self.frame.json + self.frame.bin
    }
}

/// The loaded plugins. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    plugins: Vec<Arc<Plugin>>,
    nodes: BTreeMap<String, Arc<NodeType>>,
    providers: BTreeMap<String, Arc<Provider>>,
    egress: Egress,
    limits: PluginLimits,
}

impl Host {
    /// Loads every plugin of the directory. One that cannot be loaded is listed with the reason and fails nothing else.
    pub async fn open(config: HostConfig) -> Self {
        let mut inner = Inner {
            plugins: Vec::new(),
            nodes: BTreeMap::new(),
            providers: BTreeMap::new(),
            egress: config.egress.clone(),
            limits: config.limits,
        };
        let dir = config.dir.clone().unwrap_or_default();
        let files = match &config.dir {
            Some(dir) => files::find(dir).unwrap_or_else(|error| {
                tracing::warn!(%error, "the plugins directory cannot be read; there are no plugins");
                Vec::new()
            }),
            None => Vec::new(),
        };
        let loads = files.into_iter().map(|file| load(&config, &dir, file));
        for (id, file, isolation, loaded) in futures_util::future::join_all(loads).await {
            inner.add(id, file, isolation, loaded);
        }
        inner.tell_of_sandbox();
        Self {
            inner: Arc::new(inner),
        }
    }

    /// A host without plugins.
    pub fn empty(egress: Egress) -> Self {
        Self {
            inner: Arc::new(Inner {
                plugins: Vec::new(),
                nodes: BTreeMap::new(),
                providers: BTreeMap::new(),
                egress,
                limits: PluginLimits::default(),
            }),
        }
    }

    /// Every plugin file that was found, also those that could not be loaded, sorted by file.
    pub fn plugins(&self) -> Vec<Arc<Plugin>> {
        self.inner.plugins.clone()
    }

    /// A node type by the name that definitions use.
    pub fn node_type(&self, name: &str) -> Option<Arc<NodeType>> {
        self.inner.nodes.get(name).cloned()
    }

    /// Every node type, sorted by name.
    pub fn node_types(&self) -> Vec<Arc<NodeType>> {
        self.inner.nodes.values().cloned().collect()
    }

    /// A provider by the name that connected apps use.
    pub fn provider(&self, name: &str) -> Option<Arc<Provider>> {
        self.inner.providers.get(name).cloned()
    }

    /// Every provider, sorted by name.
    pub fn providers(&self) -> Vec<Arc<Provider>> {
        self.inner.providers.values().cloned().collect()
    }

    /// Runs one call of a node to its end. Dropping the future ends the call: what is in flight is given up and the
    /// plugin's instance is closed.
    ///
    /// # Errors
    /// What the node itself reports, or `PLUGIN_FAULT`, `PLUGIN_CRASHED`, `PLUGIN_TIMEOUT`, `PLUGIN_UNAVAILABLE`,
    /// `TOO_LARGE` and `UNSUPPORTED` when it did not come to that.
    pub async fn execute(
        &self,
        call: &Call<'_>,
        services: &dyn Services,
    ) -> Result<Outcome, CallError> {
        let node = self.inner.nodes.get(&*call.node).ok_or_else(|| {
            let message = format!("no plugin brings the node type {}", call.node);
            CallError::new(code::UNSUPPORTED, message)
        })?;
        let driver = Driver {
            host: self,
            node,
            call,
            services,
        };
        driver.run().await
    }

    pub(crate) fn egress(&self) -> &Egress {
        &self.inner.egress
    }

    pub(crate) fn limits(&self) -> &PluginLimits {
        &self.inner.limits
    }
}

type Loaded = (String, PathBuf, Isolation, Result<Ready, String>);

async fn load(config: &HostConfig, dir: &Path, file: PathBuf) -> Loaded {
    let id = file
        .strip_prefix(dir)
        .unwrap_or(&file)
        .display()
        .to_string();
    let isolation = match config.in_process.contains(&id) {
        true => Isolation::InProcess,
        false => config.isolation,
    };
    let loaded = match isolation {
        Isolation::InProcess => in_process(config, &file),
        Isolation::Process => process(config, &id, &file),
    };
    let ready = match loaded {
        Ok(transport) => describe(config, transport).await,
        Err(reason) => Err(reason),
    };
    let ready = ready.map_err(|reason| format!("{}: {reason}", file.display()));
    (id, file, isolation, ready)
}

fn in_process(config: &HostConfig, file: &Path) -> Result<Arc<dyn Transport>, String> {
    let library = Library::load(file).map_err(|error| error.to_string())?;
    Ok(Arc::new(InProcess::new(library, config.limits.max_frame())))
}

fn process(config: &HostConfig, id: &str, file: &Path) -> Result<Arc<dyn Transport>, String> {
    let program = match &config.child {
        Some(program) => Ok(program.clone()),
        None => std::env::current_exe(),
    };
    let program = program.map_err(|error| format!("this server's program is unknown: {error}"))?;
    let file = file.to_path_buf();
    let process = Process::new(id.to_owned(), program, file, config.limits)
        .map_err(|error| format!("it cannot be read: {error}"))?;
    Ok(Arc::new(process))
}

async fn describe(config: &HostConfig, transport: Arc<dyn Transport>) -> Result<Ready, String> {
    let frame = transport
        .describe()
        .await
        .map_err(|fault| fault.to_string())?;
    let manifest = manifest::read(&frame, config.limits.frame, &library::host_info())
        .map_err(|error| format!("its manifest is not valid: {error}"))?;
    Ok(Ready {
        manifest,
        transport,
    })
}

impl Inner {
    fn add(
        &mut self,
        id: String,
        file: PathBuf,
        isolation: Isolation,
        loaded: Result<Ready, String>,
    ) {
        let loaded = loaded.and_then(|ready| match self.taken(&ready.manifest) {
            Some(reason) => Err(format!("{}: {reason}", file.display())),
            None => Ok(ready),
        });
        let state = match loaded {
            Ok(ready) => {
                let (name, version) = (&ready.manifest.name, &ready.manifest.version);
                tracing::info!(plugin = name, version, %isolation, file = %file.display(), "plugin loaded");
                State::Ready(ready)
            }
            Err(reason) => {
                tracing::error!(plugin = id, reason, "plugin not loaded");
                State::Failed(reason)
            }
        };
        let plugin = Arc::new(Plugin {
            id,
            file,
            isolation,
            state,
        });
        self.plugins.push(plugin.clone());
        let Some(manifest) = plugin.manifest() else {
            return;
        };
        for node in &manifest.nodes {
            let entry = NodeType {
                plugin: plugin.clone(),
                manifest: node.clone(),
            };
            self.nodes.insert(node.node_type.clone(), Arc::new(entry));
        }
        for provider in &manifest.providers {
            let entry = Provider {
                plugin: plugin.clone(),
                manifest: provider.clone(),
            };
            let name = provider.name.clone();
            self.providers.insert(name, Arc::new(entry));
        }
    }

    /// An operator has to know when a machine cannot keep what the default promises.
    fn tell_of_sandbox(&self) {
        let transports = self.plugins.iter().filter_map(|plugin| plugin.transport());
        let Some(sandbox) = transports.filter_map(Transport::sandbox).next() else {
            return;
        };
        match (sandbox.landlock, sandbox.seccomp) {
            (Landlock::Full, true) => {}
            (landlock, seccomp) => tracing::warn!(
                ?landlock,
                seccomp,
                "this machine's kernel keeps plugins in less than the whole sandbox; the rest is in force"
            ),
        }
    }

    /// Names are unique on a host: the first plugin that brings one keeps it.
    fn taken(&self, manifest: &Manifest) -> Option<String> {
        let clash = |kind: &str, name: &str, holder: &Plugin| {
            let holder = holder.file.display();
            Some(format!("the {kind} {name} is already brought by {holder}"))
        };
        let mut ready = self
            .plugins
            .iter()
            .filter(|plugin| plugin.manifest().is_some());
        if let Some(plugin) = ready.find(|plugin| plugin.name() == manifest.name) {
            return clash("name", &manifest.name, plugin);
        }
        for node in &manifest.nodes {
            if let Some(entry) = self.nodes.get(&node.node_type) {
                return clash("node type", &node.node_type, &entry.plugin);
            }
        }
        for provider in &manifest.providers {
            if let Some(entry) = self.providers.get(&provider.name) {
                return clash("provider", &provider.name, &entry.plugin);
            }
        }
        None
    }
}
