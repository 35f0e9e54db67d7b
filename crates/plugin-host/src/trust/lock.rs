use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::{HostGrant, PublicKey, Triple, Wants};
use crate::image::Sha256;

/// What an operator has decided about plugins: the contents of `jackfield.lock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The version of this format.
    pub(crate) format: u32,
    /// The keys whose bundles may be installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Signer>,
    /// The plugins that may be loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<LockedPlugin>,
}

/// A key that is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// What the operator calls whoever holds it.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// A plugin that may be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPlugin {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The key that signed its bundle; none when the operator took it unsigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<PublicKey>,
    /// The hosts that it may reach.
    pub hosts: BTreeSet<HostGrant>,
    /// What it may do beyond the usual.
    pub capabilities: BTreeSet<String>,
    /// How the operator agreed.
    pub consent: Consent,
    /// When, RFC 3339.
    pub at: String,
    /// The program that wrote this, such as `jackfield 1.0.0`.
    pub by: String,
    /// The SHA-256 of `plugin.json`; none for a library that came without a bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<Sha256>,
    /// Its library for each platform.
    pub libraries: BTreeMap<Triple, LockedLibrary>,
}

/// How an operator agreed to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// By answering a question on a terminal.
    Terminal,
    /// By flags of the command.
    Flags,
}

/// A library that may be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedLibrary {
    /// Where it lies, relative to the plugins directory, with `/` between folders.
    pub file: String,
    /// The digest of its bytes.
    pub sha256: Sha256,
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            format: Self::FORMAT,
            signers: Vec::new(),
            plugins: Vec::new(),
        }
    }
}

impl Lock {
    const FORMAT: u32 = 1;

    /// Reads the text of a lock.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if format != Self::FORMAT {
            return Err(format!(
                "its format is {format}, and this version of jackfield knows {}",
                Self::FORMAT
            ));
        }
        let lock: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let libraries = lock
            .plugins
            .iter()
            .flat_map(|plugin| plugin.libraries.values());
        match libraries
            .map(|library| &library.file)
            .find(|file| !stays_inside(file))
        {
            Some(file) => Err(format!(
                "{file:?} is not a path inside the plugins directory"
            )),
            None => Ok(lock),
        }
    }

    /// The text of this lock.
    pub(crate) fn to_text(&self) -> Result<String, toml::ser::Error> {
        let body = toml::to_string_pretty(self)?;
        Ok(format!(
            "# What may run here, written by `jackfield plugin …`. Keep it with the plugins, under the operator's own account.\n\n{body}"
        ))
    }

    /// A plugin by its name.
    pub fn plugin(&self, name: &str) -> Option<&LockedPlugin> {
        self.plugins.iter().find(|plugin| plugin.name == name)
    }

    /// The trusted key with this text.
    pub fn signer(&self, key: &PublicKey) -> Option<&Signer> {
        self.signers.iter().find(|signer| signer.key == *key)
    }

    /// Puts a plugin in the place of the one of its name.
    pub(crate) fn put(&mut self, plugin: LockedPlugin) {
        self.plugins.retain(|other| other.name != plugin.name);
        self.plugins.push(plugin);
        self.plugins.sort_by(|one, other| one.name.cmp(&other.name));
    }
}

impl LockedPlugin {
    /// What it may do.
    pub fn granted(&self) -> Wants {
        Wants {
            hosts: self.hosts.clone(),
            capabilities: self.capabilities.clone(),
        }
    }

    /// Whether it came as a bundle, and so has a folder of its own.
    pub fn is_bundle(&self) -> bool {
        self.sheet.is_some()
    }

    /// What a host calls it: its name, or the file when there is no bundle.
    pub(crate) fn id(&self, triple: &Triple) -> Option<&str> {
        let library = self.libraries.get(triple)?;
        Some(match self.is_bundle() {
            true => &self.name,
            false => &library.file,
        })
    }
}

fn stays_inside(file: &str) -> bool {
    let mut parts = Path::new(file).components();
    !file.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
format = 1

[[signers]]
name = "acme"
key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"

[[plugins]]
name = "acme"
version = "1.0.0"
signer = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
hosts = ["api.acme.example"]
capabilities = []
consent = "terminal"
at = "2026-01-02T03:04:05Z"
by = "jackfield 0.1.0"
sheet = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

[plugins.libraries.x86_64-unknown-linux-gnu]
file = "acme/1.0.0/lib/x86_64-unknown-linux-gnu/libacme.so"
sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"#;

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let lock = Lock::parse(TEXT).unwrap();
        let written = lock.to_text().unwrap();
        assert_eq!(Lock::parse(&written).unwrap(), lock);
        assert!(written.ends_with(TEXT), "{written}");
        assert_eq!(
            Lock::parse(&Lock::default().to_text().unwrap()).unwrap(),
            Lock::default()
        );
    }

    #[test]
    fn a_lock_that_cannot_be_right_is_refused() {
        let refused = |from: &str, to: &str| Lock::parse(&TEXT.replace(from, to)).unwrap_err();
        insta::assert_snapshot!(refused("format = 1", "format = 2"), @"its format is 2, and this version of jackfield knows 1");
        insta::assert_snapshot!(refused("\"acme/1.0.0/lib", "\"acme/../../lib"), @r#""acme/../../lib/x86_64-unknown-linux-gnu/libacme.so" is not a path inside the plugins directory"#);
        insta::assert_snapshot!(refused("\"acme/1.0.0/lib", "\"/usr/lib"), @r#""/usr/lib/x86_64-unknown-linux-gnu/libacme.so" is not a path inside the plugins directory"#);
        assert!(refused("sha256 = \"ba", "sha256 = \"zz").contains("is no SHA-256"));
        assert!(refused("capabilities = []", "").contains("missing field `capabilities`"));
        assert!(refused("consent =", "extra = 1\nconsent =").contains("unknown field `extra`"));
    }
}
