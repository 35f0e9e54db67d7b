//! Which files may become plugins, and what those may do.

use std::collections::BTreeSet;
use std::path::Path;

use jackfield_plugin_abi::messages::Manifest;

use crate::image::Sha256;

/// What happens to a library that nobody vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsigned {
    /// It is loaded.
    Allow,
    /// It is listed as failed and not loaded.
    Refuse,
}

/// What an operator lets a plugin do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Patterns of the hosts that its requests may go to.
    pub hosts: Vec<String>,
    /// What it may do beyond the usual, such as `secret.reveal`.
    pub capabilities: BTreeSet<String>,
    /// The name of the trusted key that signed it.
    pub signer: Option<String>,
}

/// Why a file may not become a plugin; a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(pub(crate) String);

/// What is trusted in a directory of plugins, read once per load of it.
pub(crate) struct Trust {
    unsigned: Unsigned,
}

impl Trust {
    pub(crate) fn read(_dir: &Path, unsigned: Unsigned) -> Self {
        Self { unsigned }
    }

    /// Decides by its bytes alone whether any code of a file may run.
    pub(crate) fn admit(&self, _sha256: &Sha256) -> Result<(), Refusal> {
        match self.unsigned {
            Unsigned::Allow => Ok(()),
            Unsigned::Refuse => Err(Refusal(
                "it is not signed, and unsigned plugins are refused (unsigned_plugins)".into(),
            )),
        }
    }

    /// Decides what an admitted file may do, once it has said what it wants.
    pub(crate) fn grant(&self, _sha256: &Sha256, _manifest: &Manifest) -> Result<Grants, Refusal> {
        Ok(Grants {
            hosts: vec!["*".into()],
            ..Grants::default()
        })
    }
}
