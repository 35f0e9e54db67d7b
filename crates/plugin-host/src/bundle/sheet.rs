use std::collections::{BTreeMap, BTreeSet};

use jackfield_plugin_abi::messages::Manifest;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::entry_name::EntryName;
use super::{BundleError, SHEET, SIGNATURE, limits};
use crate::image::Sha256;
use crate::trust::{PublicKey, Triple, Wants};
use crate::{library, manifest};

/// What a bundle is: the contents of its `plugin.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sheet {
    /// The version of the format of bundles.
    pub format: u32,
    /// What the library says about itself.
    pub manifest: Manifest,
    /// The key that the author signs with, so that people can be shown it. It proves nothing by itself.
    #[serde(default)]
    pub public_key: Option<PublicKey>,
    /// A library for each platform.
    pub libraries: BTreeMap<Triple, LibraryEntry>,
    /// Every other file, by name.
    #[serde(default)]
    pub files: BTreeMap<String, FileEntry>,
}

/// A library in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryEntry {
    /// The name of its entry.
    pub file: String,
    /// Its length in bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub sha256: Sha256,
}

/// Another file in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its length in bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub sha256: Sha256,
}

impl Sheet {
    /// The format that this version makes and reads.
    pub const FORMAT: u32 = 1;

    /// Reads and checks the bytes of a `plugin.json`.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let bad = |error: serde_json::Error| BundleError::Sheet(error.to_string());
        let Format { format } = serde_json::from_slice(bytes).map_err(bad)?;
        if format != Self::FORMAT {
            let known = Self::FORMAT;
            return Err(BundleError::Sheet(format!(
                "the format of the bundle is {format}, this version of jackfield reads {known}; a newer one may read it"
            )));
        }
        let sheet: Self = serde_json::from_slice(bytes).map_err(bad)?;
        sheet.check().map_err(BundleError::Sheet)?;
        Ok(sheet)
    }

    fn check(&self) -> Result<(), String> {
        manifest::check(&self.manifest, &library::host_info())
            .map_err(|error| format!("manifest.{error}"))?;
        self.version()?;
        self.wants()?;
        if self.libraries.is_empty() {
            return Err("libraries is empty".into());
        }
        let mut seen = BTreeSet::new();
        for (triple, library) in &self.libraries {
            let folder = format!("lib/{triple}/");
            let file = library.file.strip_prefix(&folder);
            if !file.is_some_and(|file| !file.contains('/') && is_library(file)) {
                return Err(format!(
                    "libraries.{triple}.file is {:?}; it is to be a .so or .dylib in {folder}",
                    library.file
                ));
            }
            seen.insert(&library.file);
        }
        for name in self.files.keys() {
            if name == SHEET || name == SIGNATURE || name.starts_with("lib/") || !seen.insert(name)
            {
                return Err(format!("files has {name:?}, which cannot be there"));
            }
        }
        let sizes = self
            .libraries
            .values()
            .map(|library| (library.size, limits::LIBRARY));
        let others = self.files.values().map(|file| (file.size, limits::OTHER));
        if sizes.chain(others).any(|(size, most)| size > most) {
            return Err("it announces a file that is larger than it may be".into());
        }
        let mut names = self.entries();
        names
            .try_for_each(|(name, _)| EntryName::parse(name).map(drop))
            .map_err(|error| error.to_string())
    }

    /// Every file besides the sheet and its signature, with what it has to be.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, FileEntry)> {
        let libraries = self.libraries.values().map(|library| {
            let entry = FileEntry {
                size: library.size,
                sha256: library.sha256.clone(),
            };
            (library.file.as_str(), entry)
        });
        let files = self
            .files
            .iter()
            .map(|(name, file)| (name.as_str(), file.clone()));
        libraries.chain(files)
    }

    /// The plugin's version.
    pub(super) fn version(&self) -> Result<Version, String> {
        version(&self.manifest.version)
    }

    /// What the plugin asks for.
    pub(super) fn wants(&self) -> Result<Wants, String> {
        Wants::of(&self.manifest).map_err(|bad| format!("manifest.hosts: {bad}"))
    }
}

pub(super) fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).map_err(|error| {
        format!("the version {text:?} is no semantic version (like 1.2.0): {error}")
    })
}

/// Whether the name of a file is that of a library.
pub(super) fn is_library(name: &str) -> bool {
    name.ends_with(".so") || name.ends_with(".dylib")
}
