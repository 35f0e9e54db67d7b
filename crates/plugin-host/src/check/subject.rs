use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jackfield_plugin_abi::messages::Example;

use super::world::{Mood, World};
use super::{NotChecked, Options};
use crate::bundle::{self, Bundle};
use crate::host::PluginLimits;
use crate::image::Image;
use crate::transport::process::{Process, Program};
use crate::trust::Triple;

/// Most memory of the process of a plugin that is being checked, in bytes.
const MEMORY: u64 = 512 << 20;

/// The plugin that is being checked.
pub(super) struct Subject {
    file: PathBuf,
    library: Vec<u8>,
    program: PathBuf,
    limits: PluginLimits,
    revealed: Option<BTreeMap<String, String>>,
}

impl Subject {
    pub(super) fn new(file: &Path, options: &Options) -> Result<Self, NotChecked> {
        let unreadable = |reason: String| NotChecked::File {
            file: file.display().to_string(),
            reason,
        };
        let library = library(file).map_err(unreadable)?;
        let program = match &options.child {
            Some(program) => Ok(program.clone()),
            None => std::env::current_exe(),
        };
        let limits = PluginLimits {
            resume: options.patience,
            start: options.patience.max(Duration::from_secs(5)),
            memory: MEMORY,
            ..PluginLimits::default()
        };
        Ok(Self {
            file: file.to_path_buf(),
            library,
            program: program.map_err(|error| NotChecked::Process(error.to_string()))?,
            limits,
            revealed: None,
        })
    }

    /// From now on its calls are shown these members of credentials, or none.
    pub(super) fn reveal(&mut self, members: Option<BTreeMap<String, String>>) {
        self.revealed = members;
    }

    /// The world around one of its calls.
    pub(super) fn world(&self, mood: Mood) -> World<'_> {
        World::new(mood, self.revealed.as_ref())
    }

    /// The world of an example.
    pub(super) fn world_of<'a>(&'a self, example: &'a Example) -> World<'a> {
        World::of(example, self.revealed.as_ref())
    }

    /// A process of its own for one group of checks, started when first used.
    ///
    /// # Errors
    /// When there is no room for a copy of the library.
    pub(super) fn process(&self) -> Result<Process, String> {
        self.process_with(|_| ())
    }

    /// The same with other limits.
    pub(super) fn process_with(
        &self,
        change: impl FnOnce(&mut PluginLimits),
    ) -> Result<Process, String> {
        let image = Image::copy(self.library.as_slice());
        let image = image.map_err(|error| format!("there is no room for a copy of it: {error}"))?;
        let mut limits = self.limits;
        change(&mut limits);
        let name = self.file.display().to_string();
        let program = Arc::new(Program::new(self.program.clone()));
        Ok(Process::new(name, program, image, limits))
    }
}

/// The bytes of a library, or of the library for this machine in a bundle.
fn library(file: &Path) -> Result<Vec<u8>, String> {
    let is_bundle = file
        .extension()
        .is_some_and(|found| found == bundle::EXTENSION);
    if !is_bundle {
        return std::fs::read(file).map_err(|error| format!("it cannot be read: {error}"));
    }
    let bundle = Bundle::open(file).map_err(|error| error.to_string())?;
    let here = Triple::here();
    let entry = bundle.sheet().libraries.get(&here);
    let bytes = entry.and_then(|entry| bundle.file(&entry.file));
    let bytes = bytes.ok_or_else(|| format!("the bundle has no library for {}", here.as_str()))?;
    Ok(bytes.to_vec())
}
