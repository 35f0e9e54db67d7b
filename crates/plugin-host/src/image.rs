//! The bytes of a library, read once: what was hashed is what is loaded, also when a child starts again later.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256, digest};
use serde::{Deserialize, Serialize};

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// The SHA-256 of a file, in lower case hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(String);

impl Sha256 {
    /// The digest of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(digest(&SHA256, bytes)))
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        match text.len() == 64 && text.chars().all(digit) {
            true => Ok(Self(text)),
            false => Err(format!(
                "{text:?} is no SHA-256, which has 64 digits 0-9 and a-f"
            )),
        }
    }
}

impl From<Sha256> for String {
    fn from(sha256: Sha256) -> Self {
        sha256.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A library as it was when it was read. Both isolations load this and not the file, so that nobody can exchange the one
/// for another between looking and loading.
pub(crate) struct Image {
    sha256: Sha256,
    copy: sealed::Copy,
}

impl Image {
    /// Copies the file to where nobody can change it, and hashes what was copied.
    pub(crate) fn read(file: &Path) -> io::Result<Self> {
        Self::copy(File::open(file)?)
    }

    /// The same for bytes from anywhere.
    pub(crate) fn copy(mut from: impl Read) -> io::Result<Self> {
        let mut to = sealed::Open::new()?;
        let mut hash = Context::new(&SHA256);
        let mut piece = vec![0; PIECE];
        loop {
            match from.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => {
                    hash.update(&piece[..read]);
                    to.write_all(&piece[..read])?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            sha256: Sha256(hex::encode(hash.finish())),
            copy: to.seal()?,
        })
    }

    /// The digest of the bytes.
    pub(crate) fn sha256(&self) -> &Sha256 {
        &self.sha256
    }

    /// Where this process can load it from.
    pub(crate) fn path(&self) -> PathBuf {
        self.copy.path()
    }

    /// The descriptor to hand to a child, where there are such.
    #[cfg(target_os = "linux")]
    pub(crate) fn descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        Some(self.copy.descriptor())
    }

    /// The descriptor to hand to a child, where there are such.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

/// A file in memory that the kernel lets nobody write to any more.
#[cfg(target_os = "linux")]
mod sealed {
    use super::{File, PathBuf, Write, io};
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

    pub(super) struct Open(File);

    pub(super) struct Copy(OwnedFd);

    impl Open {
        pub(super) fn new() -> io::Result<Self> {
            let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
            Ok(Self(File::from(memfd_create("jackfield-plugin", flags)?)))
        }

        pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.0.write_all(bytes)
        }

        pub(super) fn seal(self) -> io::Result<Copy> {
            let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL;
            fcntl_add_seals(&self.0, seals)?;
            Ok(Copy(self.0.into()))
        }
    }

    impl Copy {
        pub(super) fn path(&self) -> PathBuf {
            format!("/proc/self/fd/{}", self.0.as_raw_fd()).into()
        }

        pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

/// Where there are no sealed files in memory: a copy in a directory that only this user can enter, removed with the image.
#[cfg(not(target_os = "linux"))]
mod sealed {
    use super::{File, PathBuf, Write, io};
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

    pub(super) struct Open {
        file: File,
        copy: Copy,
    }

    pub(super) struct Copy {
        dir: PathBuf,
    }

    impl Open {
        pub(super) fn new() -> io::Result<Self> {
            let mut name = [0; 16];
            aws_lc_rs::rand::fill(&mut name).map_err(|_| io::Error::other("no random bytes"))?;
            let dir = std::env::temp_dir().join(format!("jackfield-plugin-{}", hex::encode(name)));
            std::fs::DirBuilder::new().mode(0o700).create(&dir)?;
            let copy = Copy { dir };
            let file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o500)
                .open(copy.path())?;
            Ok(Self { file, copy })
        }

        pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.file.write_all(bytes)
        }

        pub(super) fn seal(self) -> io::Result<Copy> {
            Ok(self.copy)
        }
    }

    impl Copy {
        pub(super) fn path(&self) -> PathBuf {
            self.dir.join("library")
        }
    }

    impl Drop for Copy {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.dir).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_what_the_file_was() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.so");
        std::fs::write(&file, "abc").unwrap();
        let image = Image::read(&file).unwrap();
        std::fs::write(&file, "changed").unwrap();
        insta::assert_snapshot!(image.sha256(), @"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(std::fs::read(image.path()).unwrap(), b"abc");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_can_write_to_an_image() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.so");
        std::fs::write(&file, "abc").unwrap();
        let image = Image::read(&file).unwrap();
        let refused = std::fs::write(image.path(), "evil").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(std::fs::read(image.path()).unwrap(), b"abc");
    }
}
