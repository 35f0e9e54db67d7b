use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::Lock;

/// The name of the lock in a plugins directory.
pub const LOCK_FILE: &str = "jackfield.lock";

/// A lock that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file or its directory cannot be read or written.
    #[error("{}: {error}", file.display())]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What stands in it cannot be right.
    #[error("{} is damaged: {problem}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl LockError {
    pub(crate) fn io(file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        |error| Self::Io { file, error }
    }
}

/// The lock of a directory, held for a change: while this value lives, no other command changes the directory.
pub struct LockFile {
    dir: PathBuf,
    _held: File,
    /// What stands in it, or is to stand in it after [`save`](Self::save).
    pub lock: Lock,
}

impl LockFile {
    /// Waits for its turn and reads the lock. A missing directory is made, a missing file is an empty lock.
    ///
    /// # Errors
    /// When the directory or the file cannot be used.
    pub fn open(dir: &Path) -> Result<Self, LockError> {
        fs::create_dir_all(dir).map_err(LockError::io(dir))?;
        let held = File::open(dir).map_err(LockError::io(dir))?;
        flock(&held, FlockOperation::LockExclusive)
            .map_err(|error| LockError::io(dir)(error.into()))?;
        Ok(Self {
            dir: dir.to_owned(),
            _held: held,
            lock: Lock::read(dir)?,
        })
    }

    /// The directory of the plugins.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the lock. Whoever reads it meanwhile sees the old one or the new one.
    ///
    /// # Errors
    /// When the file cannot be written; the old one is still there then.
    pub fn save(&self) -> Result<(), LockError> {
        let file = self.dir.join(LOCK_FILE);
        let write = || -> io::Result<()> {
            let text = self.lock.to_text().map_err(io::Error::other)?;
            let mut new = tempfile::Builder::new()
                .permissions(mode(0o644))
                .tempfile_in(&self.dir)?;
            new.write_all(text.as_bytes())?;
            new.as_file().sync_all()?;
            new.persist(&file)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(LockError::io(&file))
    }
}

fn mode(mode: u32) -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(mode)
}

impl Lock {
    /// Reads the lock of a directory. A missing file is an empty lock.
    ///
    /// # Errors
    /// When there is a file and it cannot be read or is damaged.
    pub fn read(dir: &Path) -> Result<Self, LockError> {
        let file = dir.join(LOCK_FILE);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            text => text.map_err(LockError::io(&file))?,
        };
        Self::parse(&text).map_err(|problem| LockError::Damaged { file, problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_kept_in_its_directory() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("plugins");
        let mut file = LockFile::open(&dir).unwrap();
        let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        file.lock.signers.push(super::super::Signer {
            name: "acme".into(),
            key: key.parse().unwrap(),
        });
        file.save().unwrap();
        assert_eq!(Lock::read(&dir).unwrap(), file.lock);
        assert_eq!(
            fs::read_dir(&dir).unwrap().count(),
            1,
            "nothing else is left behind"
        );

        fs::write(dir.join(LOCK_FILE), "format = 9").unwrap();
        let error = Lock::read(&dir).unwrap_err().to_string();
        let error = error.replace(&*dir.to_string_lossy(), "DIR");
        insta::assert_snapshot!(error, @"DIR/jackfield.lock is damaged: its format is 9, and this version of jackfield knows 1");
    }
}
