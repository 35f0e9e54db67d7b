use std::collections::BTreeMap;
use std::io;

use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tar::{Builder, EntryType, Header};

use super::{
    BundleError, EXTENSION, FileEntry, ICON, LibraryEntry, SHEET, SIGNATURE, Sheet, SigningKey,
};
use crate::image::Sha256;
use crate::trust::{PublicKey, Triple};

/// What is to go into a bundle.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// What the library says about itself, as the JSON that it wrote.
    pub manifest: String,
    /// For each platform the name of the library's file and its bytes.
    pub libraries: BTreeMap<Triple, (String, Vec<u8>)>,
    /// Every other file by name, such as `README.md` and `LICENSE`.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A bundle that was made.
#[derive(Debug)]
pub struct Packed {
    /// The name for its file: `<name>-<version>.jackfield`.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewSheet<'a> {
    format: u32,
    manifest: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<&'a PublicKey>,
    libraries: BTreeMap<&'a Triple, LibraryEntry>,
    files: BTreeMap<&'a str, FileEntry>,
}

impl Contents {
    /// Makes the bundle, signed when there is a key.
    ///
    /// # Errors
    /// When something in it would be refused by a reader.
    pub fn pack(mut self, key: Option<&SigningKey>) -> Result<Packed, BundleError> {
        self.take_icon();
        let bytes = self.sheet(key)?;
        let sheet = Sheet::parse(&bytes)?;
        let stem = format!("{}-{}", sheet.manifest.name, sheet.manifest.version);
        let signature = match key {
            Some(key) => Some(key.sign(&bytes, &format!("file:{SHEET}\tplugin:{stem}"))?),
            None => None,
        };
        let signature = signature.map(|text| (SIGNATURE.to_owned(), text.into_bytes()));
        let libraries = self.libraries.into_iter();
        let libraries = libraries.map(|(triple, (file, bytes))| (entry_of(&triple, &file), bytes));
        let entries: Vec<_> = [(SHEET.to_owned(), bytes)]
            .into_iter()
            .chain(signature)
            .chain(self.files)
            .chain(libraries)
            .collect();
        let bytes = archive(&entries).map_err(|error| BundleError::NoBundle(error.to_string()))?;
        Ok(Packed {
            file_name: format!("{stem}.{EXTENSION}"),
            bytes,
        })
    }

    /// A manifest may carry its icon. In a bundle it is a file too, which can be shown without reading the rest.
    fn take_icon(&mut self) {
        #[derive(Deserialize)]
        struct Icon {
            icon: Option<String>,
        }
        if let Ok(Icon { icon: Some(icon) }) = serde_json::from_str(&self.manifest) {
            let there = self.files.entry(ICON.to_owned());
            there.or_insert(icon.into_bytes());
        }
    }

    fn sheet(&self, key: Option<&SigningKey>) -> Result<Vec<u8>, BundleError> {
        let bad = |error: serde_json::Error| BundleError::Sheet(error.to_string());
        let manifest = serde_json::from_str(&self.manifest).map_err(bad)?;
        let libraries = self.libraries.iter().map(|(triple, (file, bytes))| {
            let entry = LibraryEntry {
                file: entry_of(triple, file),
                size: bytes.len() as u64,
                sha256: Sha256::of(bytes),
            };
            (triple, entry)
        });
        let files = self.files.iter().map(|(name, bytes)| {
            let entry = FileEntry {
                size: bytes.len() as u64,
                sha256: Sha256::of(bytes),
            };
            (name.as_str(), entry)
        });
        let sheet = NewSheet {
            format: Sheet::FORMAT,
            manifest,
            public_key: key.map(SigningKey::public),
            libraries: libraries.collect(),
            files: files.collect(),
        };
        let mut bytes = serde_json::to_vec_pretty(&sheet).map_err(bad)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn entry_of(triple: &Triple, file: &str) -> String {
    format!("lib/{triple}/{file}")
}

/// A gzipped tar of these entries and nothing of the moment or the machine.
pub(super) fn archive(entries: &[(String, Vec<u8>)]) -> io::Result<Vec<u8>> {
    let zip = GzBuilder::new().mtime(0).operating_system(255);
    let mut tar = Builder::new(zip.write(Vec::new(), Compression::new(9)));
    for (name, bytes) in entries {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_path(name)?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        tar.append(&header, bytes.as_slice())?;
    }
    tar.into_inner()?.finish()
}
