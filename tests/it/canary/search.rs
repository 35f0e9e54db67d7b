//! Looking for secrets in bytes, in each spelling in which they may have got there.

use std::fs;
use std::path::Path;

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// Bytes that somebody else could read.
#[derive(Clone)]
pub struct Place {
    pub name: String,
    bytes: Vec<u8>,
}

impl Place {
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            bytes,
        }
    }
}

/// A secret, and what it is.
#[derive(Clone)]
pub struct Secret {
    pub what: String,
    pub text: String,
}

/// All files below a directory, but for those with these names.
pub fn files_below(directory: &Path, meant: &[&str]) -> Result<Vec<Place>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        if meant.contains(&name.as_deref().unwrap_or_default()) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(files_below(&path, meant)?);
        } else if path.is_file() && path.extension().is_none_or(|kind| kind != "so") {
            found.push(Place::new(&path.display().to_string(), fs::read(&path)?));
        }
    }
    Ok(found)
}

/// Which secret is where, with what stands around it.
pub fn search(secrets: &[Secret], places: &[Place]) -> Vec<String> {
    let mut found = Vec::new();
    for secret in secrets {
        for spelling in spellings(&secret.text) {
            for place in places {
                if let Some(at) = memchr::memmem::find(&place.bytes, spelling.as_bytes()) {
                    let from = at.saturating_sub(160);
                    let to = (at + spelling.len() + 60).min(place.bytes.len());
                    let around = String::from_utf8_lossy(&place.bytes[from..to]).into_owned();
                    found.push(format!(
                        "{} ({spelling}) is in {}: {around:?}",
                        secret.what, place.name
                    ));
                }
            }
        }
    }
    found
}

/// A secret as it is, in hexadecimal digits, percent-encoded, and in base64 wherever it begins in what was encoded.
pub fn spellings(secret: &str) -> Vec<String> {
    let mut all = vec![
        secret.to_owned(),
        hex::encode(secret),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    ];
    for before in 0..3 {
        let shifted = format!("{}{secret}", "\0".repeat(before));
        // The first digits depend on what is before, the last ones on what is behind.
        let (first, last) = ([0, 2, 3][before], 1);
        for encoded in [
            BASE64_STANDARD_NO_PAD.encode(&shifted),
            BASE64_URL_SAFE_NO_PAD.encode(&shifted),
        ] {
            all.push(encoded[first..encoded.len() - last].to_owned());
        }
    }
    all.sort();
    all.dedup();
    all
}

#[test]
fn a_secret_is_found_wherever_base64_begins() {
    let secret = "canary-secret-4711";
    for (before, behind) in [("", ""), ("a:", "x"), ("ada:", "xy"), ("bob", "\n")] {
        let text = BASE64_STANDARD_NO_PAD.encode(format!("{before}{secret}{behind}"));
        let place = Place::new("here", text.into_bytes());
        let secret = Secret {
            what: "it".to_owned(),
            text: secret.to_owned(),
        };
        assert_eq!(
            search(&[secret], &[place]).len(),
            1,
            "{before:?} {behind:?}"
        );
    }
}
