//! What the server printed.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The file that both output streams of all starts are appended to.
pub(super) fn open(home: &Path) -> Result<File> {
    Ok(OpenOptions::new()
        .create(true)
        .append(true)
        .open(path(home))?)
}

pub(super) fn read(home: &Path) -> Result<String> {
    Ok(String::from_utf8_lossy(&std::fs::read(path(home))?).into_owned())
}

/// Fails if any thread of the server panicked.
pub(super) fn check(home: &Path) -> Result<()> {
    let log = read(home)?;
    if let Some(line) = log.lines().find(|line| line.contains("panicked at")) {
        bail!("the server panicked: {line}");
    }
    Ok(())
}

fn path(home: &Path) -> PathBuf {
    home.join("log")
}
