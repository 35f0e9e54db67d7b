use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_plugin_abi::frame::Frame;
use jackfield_plugin_abi::messages::Manifest;

use super::BundleError;
use crate::host::PluginLimits;
use crate::image::{Image, Sha256};
use crate::transport::Transport;
use crate::transport::process::{Process, Program};
use crate::{library, manifest};

/// What a library says about itself.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its manifest, checked.
    pub manifest: Manifest,
    /// The same as the JSON that it wrote.
    pub json: String,
    /// The digest of the bytes that were asked.
    pub sha256: Sha256,
}

/// Asks a library what it is, in a sandboxed child process. `child` is the program for that, by default the running one.
///
/// # Errors
/// When it cannot be loaded here or says nothing that a host would take.
pub async fn describe(file: &Path, child: Option<PathBuf>) -> Result<Described, BundleError> {
    let failed = |reason: String| BundleError::Describe(format!("{}: {reason}", file.display()));
    let image = Image::read(file).map_err(BundleError::io(file))?;
    let sha256 = image.sha256().clone();
    let program = child.map_or_else(std::env::current_exe, Ok);
    let program = program.map_err(|error| failed(error.to_string()))?;
    let limits = PluginLimits::default();
    let program = Arc::new(Program::new(program));
    let process = Process::new(file.display().to_string(), program, image, limits);
    let answer = process
        .describe()
        .await
        .map_err(|fault| failed(fault.to_string()))?;
    let manifest = manifest::read(&answer, limits.frame, &library::host_info())
        .map_err(|error| failed(format!("its manifest is not valid: {error}")))?;
    let frame = Frame::decode(&answer, limits.frame).map_err(|error| failed(error.to_string()))?;
    Ok(Described {
        manifest,
        json: frame.json().to_owned(),
        sha256,
    })
}
