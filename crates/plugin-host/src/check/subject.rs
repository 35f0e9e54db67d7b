use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{NotChecked, Options};
use crate::host::PluginLimits;
use crate::image::Image;
use crate::transport::process::Process;

/// Most memory of the process of a plugin that is being checked, in bytes.
const MEMORY: u64 = 512 << 20;

/// The plugin that is being checked.
pub(super) struct Subject {
    file: PathBuf,
    program: PathBuf,
    limits: PluginLimits,
}

impl Subject {
    pub(super) fn new(file: &Path, options: &Options) -> Result<Self, NotChecked> {
        let unreadable = |reason: String| NotChecked::File {
            file: file.display().to_string(),
            reason,
        };
        match std::fs::metadata(file) {
            Err(error) => return Err(unreadable(format!("it cannot be read: {error}"))),
            Ok(found) if !found.is_file() => return Err(unreadable("it is no file".into())),
            Ok(_) => {}
        }
        Image::read(file).map_err(|error| unreadable(format!("it cannot be read: {error}")))?;
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
            program: program.map_err(|error| NotChecked::Process(error.to_string()))?,
            limits,
        })
    }

    /// A process of its own for one group of checks, started when first used.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub(super) fn process(&self) -> Result<Process, String> {
        self.process_with(|_| ())
    }

    /// The same with other limits.
    pub(super) fn process_with(
        &self,
        change: impl FnOnce(&mut PluginLimits),
    ) -> Result<Process, String> {
        let image = Image::read(&self.file)
            .map_err(|error| format!("the file cannot be read any more: {error}"))?;
        let mut limits = self.limits;
        change(&mut limits);
        let name = self.file.display().to_string();
        Ok(Process::new(name, self.program.clone(), image, limits))
    }
}
