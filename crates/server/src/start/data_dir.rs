use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Context;

/// Creates the data directory, for its owner only, and makes sure that files can be made in it.
///
/// # Errors
///
/// When it cannot be created or written.
pub fn prepare_data_dir(dir: &Path) -> anyhow::Result<()> {
    let advice = || {
        format!(
            "the data directory {} cannot be written: make it writable for this user, or choose another with --data-dir",
            dir.display()
        )
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(advice)?;
    let probe = dir.join(".write-probe");
    fs::write(&probe, "").with_context(advice)?;
    fs::remove_file(&probe).with_context(advice)
}

/// Writes a new file that only its owner may read.
///
/// # Errors
///
/// When it exists already, or cannot be written.
pub fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()
}
