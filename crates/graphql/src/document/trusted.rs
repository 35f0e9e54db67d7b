use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::{Document, DocumentError, DocumentHash};
use crate::guard::Limits;

/// The documents of a manifest.
#[derive(Debug, Default)]
pub struct TrustedDocuments {
    by_id: HashMap<String, Arc<Document>>,
    by_hash: HashMap<DocumentHash, Arc<Document>>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It has neither form.
    #[error(
        "it is neither an object of documents by their ids (graphql-codegen, relay-compiler) nor an apollo-persisted-query-manifest of version 1: {0}"
    )]
    Form(#[from] serde_json::Error),
    /// One of its documents cannot be executed.
    #[error("the document \"{id}\" cannot be executed: {why}")]
    Document {
        /// Its id.
        id: String,
        /// Why.
        why: DocumentError,
    },
}

/// The forms in which build tools of clients write manifests.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// Apollo's, with a list of operations.
    Apollo {
        #[serde(rename = "format")]
        _format: ApolloFormat,
        operations: Vec<ApolloOperation>,
    },
    /// Of graphql-codegen and relay-compiler: texts by their ids.
    Texts(HashMap<String, String>),
}

#[derive(Deserialize)]
enum ApolloFormat {
    #[serde(rename = "apollo-persisted-query-manifest")]
    PersistedQueries,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

impl TrustedDocuments {
    /// Reads a manifest in JSON.
    ///
    /// # Errors
    ///
    /// When it has none of the known forms, or has a document that cannot be executed.
    pub fn read(manifest: &[u8], limits: &Limits) -> Result<Self, ManifestError> {
        let documents: Vec<(String, String)> = match serde_json::from_slice(manifest)? {
            Manifest::Texts(texts) => texts.into_iter().collect(),
            Manifest::Apollo { operations, .. } => {
                let pair = |operation: ApolloOperation| (operation.id, operation.body);
                operations.into_iter().map(pair).collect()
            }
        };
        let mut trusted = Self::default();
        for (id, text) in documents {
            let hash = DocumentHash::of(&text);
            let mut document = match Document::parse(text, limits) {
                Ok(document) => document,
                Err(why) => return Err(ManifestError::Document { id, why }),
            };
            document.trusted = true;
            let document = Arc::new(document);
            trusted.by_hash.insert(hash, document.clone());
            trusted.by_id.insert(id, document);
        }
        Ok(trusted)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The one with this id: that of the manifest, or `sha256:` and the hash of its text in hexadecimal digits.
    pub(super) fn by_id(&self, id: &str) -> Option<&Arc<Document>> {
        let hashed = || {
            let hash = DocumentHash::parse(id.strip_prefix("sha256:")?)?;
            self.by_hash(&hash)
        };
        self.by_id.get(id).or_else(hashed)
    }

    pub(super) fn by_hash(&self, hash: &DocumentHash) -> Option<&Arc<Document>> {
        self.by_hash.get(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(manifest: &str) -> Result<TrustedDocuments, ManifestError> {
        TrustedDocuments::read(manifest.as_bytes(), &Limits::default())
    }

    #[test]
    fn reads_what_build_tools_write() {
        let codegen = read(r#"{"1f": "{ viewer { role } }"}"#).unwrap();
        let apollo = read(
            r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [
                {"id": "1f", "name": "Role", "type": "query", "body": "{ viewer { role } }"}]}"#,
        )
        .unwrap();

        let by_hash = format!("sha256:{:?}", DocumentHash::of("{ viewer { role } }"));
        for trusted in [codegen, apollo] {
            assert_eq!(trusted.len(), 1);
            assert_eq!(trusted.by_id("1f").unwrap().text, "{ viewer { role } }");
            assert!(trusted.by_id(&by_hash).is_some());
            assert!(trusted.by_id("2f").is_none());
        }
    }

    #[test]
    fn says_which_document_is_wrong() {
        let refused = read(r#"{"1f": "{ viewer { role }"}"#).unwrap_err();
        insta::assert_snapshot!(refused, @r#"the document "1f" cannot be executed: Syntax error at line 1, column 18."#);
        insta::assert_snapshot!(read("[]").unwrap_err(), @"it is neither an object of documents by their ids (graphql-codegen, relay-compiler) nor an apollo-persisted-query-manifest of version 1: data did not match any variant of untagged enum Manifest");
    }
}
