use std::io;
use std::path::{Path, PathBuf};

use super::limits;
use crate::trust::{LockError, PublicKey, Wants};

/// Why a bundle cannot be made, read or installed.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file cannot be read or written.
    #[error("{}: {error}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is no archive, or a damaged one.
    #[error("it is no bundle or a damaged one: {0}")]
    NoBundle(String),
    /// It is larger than it may be.
    #[error("{what} has more than {most} bytes, which is the most that a bundle may have there")]
    TooLarge {
        /// What.
        what: String,
        /// Bytes.
        most: u64,
    },
    /// It has too many entries.
    #[error("it has more than {} files", limits::ENTRIES)]
    TooMany,
    /// An entry that must not be there, or not like this.
    #[error("its entry {name:?} {problem}")]
    Entry {
        /// The name of the entry.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The sheet is not valid.
    #[error("its plugin.json is not valid: {0}")]
    Sheet(String),
    /// The signature is there and is not one.
    #[error(
        "its signature is not valid: the bundle was changed after it was signed, or the signature is of something else"
    )]
    Signature,
    /// Nobody signed it.
    #[error(
        "it is not signed. Ask its author for a signed one; to install it all the same, add --allow-unsigned"
    )]
    Unsigned,
    /// Somebody signed it whom nobody trusts.
    #[error(
        "it is signed with a key that is not trusted{}. If that is its author's key, run `jackfield plugin trust KEY --name WHO` first; to install it as \
         if it were unsigned, add --allow-unsigned",
        key.as_ref().map(|key| format!(": {key}")).unwrap_or_default()
    )]
    Untrusted {
        /// The key, when the bundle names it.
        key: Option<PublicKey>,
    },
    /// Another key signed the version that is installed.
    #[error(
        "{name} {version} is installed and was signed by {was}, this one is signed by {is}; if that is meant to be, add --allow-signer-change"
    )]
    SignerChanged {
        /// The plugin.
        name: String,
        /// The installed version.
        version: String,
        /// Who signed that.
        was: String,
        /// Who signed this.
        is: String,
    },
    /// A later version is installed.
    #[error(
        "{name} {installed} is installed, which is later than {offered}; to go back, add --allow-downgrade"
    )]
    Downgrade {
        /// The plugin.
        name: String,
        /// The installed version.
        installed: String,
        /// The version in the bundle.
        offered: String,
    },
    /// The same version is installed with other contents.
    #[error(
        "{name} {version} is installed already, with other contents than this bundle; a changed plugin should have a new version. To take this one, add --replace"
    )]
    OtherContents {
        /// The plugin.
        name: String,
        /// The version.
        version: String,
    },
    /// It brings nothing for this machine.
    #[error("it has no library for this machine ({here}), only for {}", there.join(", "))]
    NoLibrary {
        /// The platform of this machine.
        here: String,
        /// Those in the bundle.
        there: Vec<String>,
    },
    /// It asks for what nobody granted.
    #[error("{name} {version} asks for {missing}, which is not granted. {remedy}")]
    NotGranted {
        /// The plugin.
        name: String,
        /// The version in the bundle.
        version: String,
        /// What is not granted.
        missing: Wants,
        /// What to do.
        remedy: String,
    },
    /// Something is granted that it does not ask for.
    #[error("{name} does not ask for {excess}, so it is not granted")]
    NotAskedFor {
        /// The plugin.
        name: String,
        /// What it does not ask for.
        excess: Wants,
    },
    /// There is no such plugin.
    #[error("{0} is not in jackfield.lock; `jackfield plugin list` shows what is")]
    NotInstalled(String),
    /// The library does not say what it is.
    #[error("the library cannot be described: {0}")]
    Describe(String),
    /// The lock cannot be read or written.
    #[error(transparent)]
    Lock(#[from] LockError),
}

impl BundleError {
    pub(crate) fn io(file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        |error| Self::Io { file, error }
    }
}
