//! The keys that everything secret in the database is sealed with.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// The file in the data directory that holds the master key when the configuration names none.
pub const MASTER_KEY_FILE: &str = "master.key";

pub(super) const KEY_ID_LEN: usize = 8;
const KEY_LEN: usize = 32;

/// One or more master keys of 32 bytes: the first seals, each of them opens.
///
/// Written as base64, separated by commas, spaces or line ends.
pub struct MasterKey(Vec<Key>);

pub(super) struct Key(Zeroizing<[u8; KEY_LEN]>);

/// Why there is no usable master key. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The text holds no key.
    #[error(
        "{source_name} holds no master key: give 32 random bytes in base64, for example from `openssl rand -base64 32`"
    )]
    Empty {
        /// The setting or file.
        source_name: String,
    },
    /// One of the keys is not 32 bytes of base64.
    #[error(
        "key {position} in {source_name} is not 32 bytes in base64: make one with `openssl rand -base64 32`"
    )]
    Malformed {
        /// The setting or file.
        source_name: String,
        /// Which of the keys, from 1.
        position: usize,
    },
    /// Others can read the file.
    #[error("{} can be read by other users (mode {mode:04o}): run `chmod 600 {}` and replace the key if it may have been seen", path.display(), path.display())]
    Readable {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file could not be read or written.
    #[error("cannot {action} the master key file {}: {source}", path.display())]
    File {
        /// `read` or `create`.
        action: &'static str,
        /// The key file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a new master key")]
    NoRandomness,
}

impl MasterKey {
    /// The keys of the configuration, or else those of the file in `data_dir`, which is made on the first start.
    ///
    /// Servers that share a database must share the key, so there the configuration has to name it.
    pub fn load(configured: Option<&str>, data_dir: &Path) -> Result<Self, MasterKeyError> {
        match configured {
            Some(text) => parse(text, "the master key setting"),
            None => load_file(&data_dir.join(MASTER_KEY_FILE)),
        }
    }

    /// The keys written in `text`.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        parse(text, "the master key")
    }

    pub(super) fn keys(&self) -> &[Key] {
        &self.0
    }
}

impl Key {
    /// What a sealed blob says about the key that opens it: a hash, so that keys need no names.
    pub(super) fn id(&self) -> [u8; KEY_ID_LEN] {
        let mut content = Zeroizing::new(b"jackfield master key id".to_vec());
        content.extend_from_slice(self.bytes());
        let hash = digest::digest(&digest::SHA256, &content);
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&hash.as_ref()[..KEY_ID_LEN]);
        id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

fn parse(text: &str, source_name: &str) -> Result<MasterKey, MasterKeyError> {
    let words = text
        .split([',', ' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty());
    let keys = words
        .enumerate()
        .map(|(index, word)| {
            parse_key(word).ok_or_else(|| MasterKeyError::Malformed {
                source_name: source_name.to_owned(),
                position: index + 1,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err(MasterKeyError::Empty {
            source_name: source_name.to_owned(),
        });
    }
    Ok(MasterKey(keys))
}

fn parse_key(word: &str) -> Option<Key> {
    let bytes = Zeroizing::new(STANDARD.decode(word).ok()?);
    let key = <[u8; KEY_LEN]>::try_from(bytes.as_slice()).ok()?;
    Some(Key(Zeroizing::new(key)))
}

fn load_file(path: &Path) -> Result<MasterKey, MasterKeyError> {
    match read(path) {
        Err(MasterKeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            create(path)?;
            read(path)
        }
        read => read,
    }
}

fn read(path: &Path) -> Result<MasterKey, MasterKeyError> {
    let failed = |source| MasterKeyError::File {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let file = fs::File::open(path).map_err(failed)?;
    refuse_readable(path, &file.metadata().map_err(failed)?)?;
    let text = Zeroizing::new(io::read_to_string(file).map_err(failed)?);
    parse(&text, &path.display().to_string())
}

#[cfg(unix)]
fn refuse_readable(path: &Path, metadata: &fs::Metadata) -> Result<(), MasterKeyError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(MasterKeyError::Readable {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_readable(_path: &Path, _metadata: &fs::Metadata) -> Result<(), MasterKeyError> {
    Ok(())
}

/// Writes a new key beside `path` and moves it there complete, so that a crash leaves no half key. A file that another
/// process made meanwhile is kept.
fn create(path: &Path) -> Result<(), MasterKeyError> {
    let failed = |source| MasterKeyError::File {
        action: "create",
        path: path.to_owned(),
        source,
    };
    let mut key = Zeroizing::new([0; KEY_LEN]);
    rand::fill(key.as_mut_slice()).map_err(|_| MasterKeyError::NoRandomness)?;
    let text = Zeroizing::new(STANDARD.encode(key.as_slice()) + "\n");

    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => fs::File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failed),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error.error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_start_makes_a_key_that_the_second_start_reads() {
        let data_dir = tempfile::tempdir().unwrap();
        let first = MasterKey::load(None, data_dir.path()).unwrap();
        let second = MasterKey::load(None, data_dir.path()).unwrap();

        assert_eq!(first.keys()[0].id(), second.keys()[0].id());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let metadata = fs::metadata(data_dir.path().join(MASTER_KEY_FILE)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_file_that_others_can_read() {
        use std::os::unix::fs::PermissionsExt;
        let data_dir = tempfile::tempdir().unwrap();
        MasterKey::load(None, data_dir.path()).unwrap();
        let path = data_dir.path().join(MASTER_KEY_FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();

        let error = MasterKey::load(None, data_dir.path())
            .map(|_| ())
            .unwrap_err()
            .to_string();

        assert_eq!(
            error.replace(&path.display().to_string(), "PATH"),
            "PATH can be read by other users (mode 0640): run `chmod 600 PATH` and replace the key if it may have been seen"
        );
    }

    #[test]
    fn says_which_key_is_malformed() {
        let error =
            MasterKey::parse("bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyA=,c2hvcnQ=").map(|_| ());

        insta::assert_snapshot!(error.unwrap_err(), @"key 2 in the master key is not 32 bytes in base64: make one with `openssl rand -base64 32`");
    }

    #[test]
    fn says_that_there_is_no_key() {
        insta::assert_snapshot!(MasterKey::parse(" \n").map(|_| ()).unwrap_err(), @"the master key holds no master key: give 32 random bytes in base64, for example from `openssl rand -base64 32`");
    }
}
