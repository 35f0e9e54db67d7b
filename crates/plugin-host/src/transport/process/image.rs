//! The bytes of a library, read once: what was looked at is what is loaded, also when a child starts again later.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

/// A library as it was when the host started.
pub(crate) struct Image {
    #[cfg(target_os = "linux")]
    sealed: std::os::fd::OwnedFd,
}

impl Image {
    /// Copies the file into memory and seals the copy.
    #[cfg(target_os = "linux")]
    pub(crate) fn read(file: &Path) -> io::Result<Self> {
        use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut sealed = fs::File::from(memfd_create("jackfield-plugin", flags)?);
        io::copy(&mut fs::File::open(file)?, &mut sealed)?;
        let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL;
        fcntl_add_seals(&sealed, seals)?;
        Ok(Self {
            sealed: sealed.into(),
        })
    }

    /// Where there are no sealed files, the child loads the file itself.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn read(file: &Path) -> io::Result<Self> {
        fs::File::open(file)?;
        Ok(Self {})
    }

    /// The descriptor to hand to a child.
    pub(crate) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        #[cfg(target_os = "linux")]
        return Some(self.sealed.as_fd());
        #[cfg(not(target_os = "linux"))]
        None
    }
}
