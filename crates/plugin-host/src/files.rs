//! Where plugins are found: `<dir>/*.so` and `<dir>/<name>/*.so`, or `.dylib`.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What changes when a file is written or exchanged, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// None for a file that cannot be looked at.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let found = std::fs::metadata(file).ok()?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// The plugin files in a directory, sorted, so that every start sees them in the same order.
pub(crate) fn find(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in entries(dir)? {
        if path.is_dir() {
            files.extend(entries(&path)?.into_iter().filter(|path| is_library(path)));
        } else if is_library(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let at = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", dir.display()));
    let entries = std::fs::read_dir(dir).map_err(at)?;
    entries.map(|entry| Ok(entry.map_err(at)?.path())).collect()
}

fn is_library(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("so" | "dylib")) && !path.is_dir()
}
