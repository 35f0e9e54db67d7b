//! Where a cluster lies.

use std::path::Path;

use anyhow::Result;
use rustix::fs::{Access, access, statvfs};
use tempfile::TempDir;

use super::Durability;

/// What a cluster and its tests take at most, several times over.
const ROOM: u64 = 2 << 30;

/// A folder on a disk where a commit waits for it. Otherwise in memory where there is room: a cluster has a thousand files, and to
/// make and remove those for each test takes a file system on a disk longer than the test.
pub(super) fn create(durability: Durability) -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if durability == Durability::Memory && has_room(memory) {
        return Ok(TempDir::with_prefix_in("jackfield-postgres-", memory)?);
    }
    Ok(TempDir::with_prefix("jackfield-postgres-")?)
}

fn has_room(folder: &Path) -> bool {
    let writable = access(folder, Access::WRITE_OK).is_ok();
    writable && statvfs(folder).is_ok_and(|disk| disk.f_bavail * disk.f_frsize > ROOM)
}
