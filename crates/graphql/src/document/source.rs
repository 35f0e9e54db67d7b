use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// How a request names its document.
#[derive(Debug)]
pub enum DocumentSource {
    /// By its text.
    Text(String),
    /// By its id in the manifest of trusted documents.
    Id(String),
    /// By the hash of its text, with the text when the client thinks that the server may not know it.
    Hash(DocumentHash, Option<String>),
}

/// The SHA-256 of a document's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentHash([u8; 32]);

impl DocumentHash {
    /// The hash of this text.
    pub fn of(text: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Debug for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
