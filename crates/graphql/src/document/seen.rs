use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::{Document, DocumentHash};

/// How much memory the documents take that are kept, in bytes, by estimate.
const BYTES: u64 = 16 * 1024 * 1024;

/// How much memory a parsed document takes for each byte of its text, by estimate.
const PER_BYTE: u64 = 16;

/// For how many documents there is room in the tables from the start.
const USUAL: usize = 1_000;

/// Documents that were executed lately.
pub struct Seen(Cache<DocumentHash, Arc<Document>, Weight>);

#[derive(Clone)]
struct Weight;

impl Weighter<DocumentHash, Arc<Document>> for Weight {
    fn weight(&self, _: &DocumentHash, document: &Arc<Document>) -> u64 {
        (document.text.len() as u64 + 1) * PER_BYTE
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self(Cache::with_weighter(USUAL, BYTES, Weight))
    }
}

impl Seen {
    /// The document with this hash, if it is kept.
    pub fn get(&self, hash: &DocumentHash) -> Option<Arc<Document>> {
        self.0.get(hash)
    }

    /// Keeps a document until others need its place.
    pub fn keep(&self, hash: DocumentHash, document: Arc<Document>) {
        self.0.insert(hash, document);
    }
}
