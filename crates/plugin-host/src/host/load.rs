use std::path::PathBuf;
use std::sync::Arc;

use jackfield_plugin_abi::messages::Manifest;
use parking_lot::Mutex;

use super::HostConfig;
use super::loaded::Loaded;
use crate::files::{self, Stamp};
use crate::image::{Image, Sha256};
use crate::library::{self, Library};
use crate::manifest;
use crate::plugin::{Isolation, Plugin, Ready, State};
use crate::transport::Transport;
use crate::transport::in_process::InProcess;
use crate::transport::process::{Process, Program};
use crate::trust::Trust;

/// Looks at the directory and makes what a host has of it. Plugins of `before` whose files have not changed are kept as
/// they are; one whose new file is no good stays in service.
pub(super) async fn load(config: &HostConfig, before: &Loaded) -> Loaded {
    let Some(dir) = &config.dir else {
        return Loaded::default();
    };
    let trust = Trust::read(dir, config.unsigned);
    let program = before.program.clone().or_else(|| program(config));
    let files = files::find(dir).unwrap_or_else(|error| {
        tracing::warn!(%error, "the plugins directory cannot be read; there are no plugins");
        Vec::new()
    });
    // Bundles first: what was installed keeps its names when a file that lies about brings the same ones.
    let bundles = trust.bundles().into_iter();
    let bundles = bundles.map(|(id, file)| (id, dir.join(file)));
    let files = files.into_iter().map(|file| (config.id_of(&file), file));
    let loads = bundles
        .chain(files)
        .map(|(id, file)| load_file(config, &trust, program.as_ref(), before, id, file));
    let mut loaded = Loaded {
        program: program.clone(),
        ..Loaded::default()
    };
    for found in futures_util::future::join_all(loads).await {
        match found {
            Found::Kept(plugin) => {
                plugin.held_back.lock().take();
                loaded.add(plugin);
            }
            Found::New(plugin) => settle(&mut loaded, &trust, before, *plugin),
        }
    }
    loaded
}

/// What came of a file.
enum Found {
    /// It is what it was.
    Kept(Arc<Plugin>),
    /// It is new or has changed.
    New(Box<Plugin>),
}

async fn load_file(
    config: &HostConfig,
    trust: &Trust,
    program: Option<&Arc<Program>>,
    before: &Loaded,
    id: String,
    file: PathBuf,
) -> Found {
    let stamp = Stamp::of(&file);
    let held = before.ready(&id);
    if let Some(plugin) = held
        && stamp.is_some()
        && plugin.stamp == stamp
        && plugin.still_trusted(trust)
    {
        return Found::Kept(plugin.clone());
    }
    let isolation = config.isolation_of(&id);
    let image = Image::read(&file).map_err(|error| format!("it cannot be read: {error}"));
    let sha256 = image.as_ref().ok().map(|image| image.sha256().clone());
    let ready = match (image, held) {
        (Ok(image), Some(plugin))
            if plugin.sha256.as_ref() == Some(image.sha256()) && plugin.still_trusted(trust) =>
        {
            return Found::Kept(plugin.clone());
        }
        (Ok(image), Some(plugin)) if plugin.sha256.as_ref() == Some(image.sha256()) => {
            regrant(trust, plugin)
        }
        (Ok(_), Some(plugin)) if plugin.isolation == Isolation::InProcess => Err(
            "a library in the server's own process is exchanged when the server starts again"
                .into(),
        ),
        (Ok(image), _) => start(config, trust, program, isolation, &id, image).await,
        (Err(reason), _) => Err(reason),
    };
    let state = match ready {
        Ok(ready) => State::Ready(Box::new(ready)),
        Err(reason) => State::Failed(format!("{}: {reason}", file.display())),
    };
    Found::New(Box::new(Plugin {
        id,
        file,
        isolation,
        sha256,
        stamp,
        state,
        held_back: Mutex::default(),
    }))
}

/// The same library, running as it runs, under what is granted now.
fn regrant(trust: &Trust, plugin: &Plugin) -> Result<Ready, String> {
    let (State::Ready(ready), Some(sha256)) = (&plugin.state, &plugin.sha256) else {
        return Err("it is not loaded".into());
    };
    let grants = trust.grant(&plugin.id, sha256, &ready.manifest);
    Ok(Ready {
        manifest: ready.manifest.clone(),
        grants: grants.map_err(|refusal| refusal.to_string())?,
        transport: ready.transport.clone(),
    })
}

/// From the bytes of a file to a plugin that answers. Nothing of it runs before its bytes are admitted.
async fn start(
    config: &HostConfig,
    trust: &Trust,
    program: Option<&Arc<Program>>,
    isolation: Isolation,
    id: &str,
    image: Image,
) -> Result<Ready, String> {
    let sha256: Sha256 = image.sha256().clone();
    trust
        .admit(id, &sha256)
        .map_err(|refusal| refusal.to_string())?;
    let transport = match isolation {
        Isolation::InProcess => in_process(config, image)?,
        Isolation::Process => process(config, program, id, image)?,
    };
    let frame = transport
        .describe()
        .await
        .map_err(|fault| fault.explain())?;
    let manifest = manifest::read(&frame, config.limits.frame, &library::host_info())
        .map_err(|error| format!("its manifest is not valid: {error}"))?;
    let grants = trust
        .grant(id, &sha256, &manifest)
        .map_err(|refusal| refusal.to_string())?;
    if !grants.recorded {
        let granted = grants.granted.to_string();
        tracing::warn!(
            plugin = manifest.name,
            file = id,
            granted,
            "nobody vouched for this plugin; it is loaded and has what it asks for, because unsigned plugins are allowed"
        );
    }
    Ok(Ready {
        manifest: without_examples(manifest),
        grants,
        transport,
    })
}

/// Examples are for documentation and for `jackfield plugin check`, which asks the plugin itself. Nobody who calls it needs them in
/// memory.
fn without_examples(mut manifest: Manifest) -> Manifest {
    for node in &mut manifest.nodes {
        Arc::make_mut(node).examples = Vec::new();
    }
    manifest
}

fn in_process(config: &HostConfig, image: Image) -> Result<Arc<dyn Transport>, String> {
    let loaded = Library::load(&image.path());
    // The loader knows a library by its path, and would take another one behind the same path for this one: the
    // descriptor that the path names stays open as long as the library is loaded, which is until the process ends.
    if !matches!(&loaded, Err(error) if error.is_unloaded()) {
        std::mem::forget(image);
    }
    let library = loaded.map_err(|error| error.to_string())?;
    Ok(Arc::new(InProcess::new(library, config.limits.max_frame())))
}

fn process(
    config: &HostConfig,
    program: Option<&Arc<Program>>,
    id: &str,
    image: Image,
) -> Result<Arc<dyn Transport>, String> {
    let program = program.ok_or("this server's program is unknown")?.clone();
    let process = Process::new(id.to_owned(), program, image, config.limits);
    Ok(Arc::new(process))
}

fn program(config: &HostConfig) -> Option<Arc<Program>> {
    let path = match &config.child {
        Some(program) => program.clone(),
        None => std::env::current_exe().ok()?,
    };
    Some(Arc::new(Program::keeping_ready(path)))
}

/// Puts a new plugin among those that are there, when its names are free. One that is no good leaves the one that it was
/// to follow in service.
fn settle(loaded: &mut Loaded, trust: &Trust, before: &Loaded, mut plugin: Plugin) {
    let clash = plugin
        .manifest()
        .and_then(|manifest| loaded.taken(manifest));
    if let Some(reason) = clash {
        plugin.state = State::Failed(format!("{}: {reason}", plugin.file.display()));
    }
    let Some(reason) = plugin.error() else {
        tracing::info!(
            plugin = plugin.name(),
            version = plugin.version(),
            isolation = %plugin.isolation,
            file = %plugin.file.display(),
            "plugin loaded"
        );
        return loaded.add(Arc::new(plugin));
    };
    let held = before.ready(&plugin.id);
    match held.filter(|held| held.may_stay(trust) && loaded.takes(held)) {
        Some(held) => {
            let version = held.version();
            tracing::error!(
                plugin = held.name(),
                version,
                reason,
                "new version not loaded; the old one stays"
            );
            *held.held_back.lock() = Some(reason.to_owned());
            loaded.add(held.clone());
        }
        None => {
            tracing::error!(plugin = plugin.id, reason, "plugin not loaded");
            loaded.add(Arc::new(plugin));
        }
    }
}
