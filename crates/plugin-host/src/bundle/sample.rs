//! Bundles for tests.

use std::collections::BTreeMap;

use super::write::archive;
use super::{Bundle, BundleError, Contents, NewKey, SigningKey};
use crate::trust::{Lock, Signer, Triple};

pub(super) fn manifest(version: &str, hosts: &[&str]) -> String {
    serde_json::json!({
        "name": "acme", "version": version, "icon": "<svg/>", "hosts": hosts, "beyond": {"this": "version"},
        "nodes": [{"type": "acme", "name": "Acme", "category": "test", "inputs": [], "outputs": [{"name": "data-out"}], "configSchema": {}}],
    })
    .to_string()
}

pub(super) fn contents(version: &str, hosts: &[&str]) -> Contents {
    let library = (
        "libacme.so".to_owned(),
        format!("library {version}").into_bytes(),
    );
    let other = "riscv64gc-unknown-linux-gnu".parse().unwrap();
    Contents {
        manifest: manifest(version, hosts),
        libraries: BTreeMap::from([(Triple::here(), library.clone()), (other, library)]),
        files: BTreeMap::from([("README.md".to_owned(), b"# Acme".to_vec())]),
    }
}

pub(super) fn bundle(version: &str, hosts: &[&str], key: Option<&NewKey>) -> Bundle {
    let key = key.map(|key| SigningKey::read(&key.secret, None).unwrap());
    let packed = contents(version, hosts).pack(key.as_ref()).unwrap();
    Bundle::read(packed.bytes.as_slice()).unwrap()
}

pub(super) fn key() -> NewKey {
    SigningKey::generate(None).unwrap()
}

pub(super) fn trusting(keys: &[(&str, &NewKey)]) -> Lock {
    let signer = |(name, key): &(&str, &NewKey)| Signer {
        name: (*name).to_owned(),
        key: key.key.clone(),
    };
    Lock {
        signers: keys.iter().map(signer).collect(),
        ..Lock::default()
    }
}

/// The entries of a bundle, to be spoiled and packed again.
pub(super) fn entries(bundle: &Bundle) -> Vec<(String, Vec<u8>)> {
    let files = bundle.all_files();
    files
        .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
        .collect()
}

pub(super) fn read(entries: &[(String, Vec<u8>)]) -> Result<Bundle, BundleError> {
    Bundle::read(archive(entries).unwrap().as_slice())
}
