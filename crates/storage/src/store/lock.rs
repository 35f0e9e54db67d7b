//! One server per SQLite file.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use super::OpenError;

/// Held as long as the database is open; the operating system releases it when the process dies.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held for the lock, never read")] File);

impl Lock {
    /// Locks the database at `path` by a file beside it.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        let lock = lock_path(path);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(|source| OpenError::Unwritable {
                path: lock.clone(),
                source,
            })?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(OpenError::Unwritable { path: lock, source }),
        }
    }
}

/// `jackfield.db` is locked by `jackfield.db.lock`, not by locking itself: that would get into the
/// way of SQLite's own locks.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
