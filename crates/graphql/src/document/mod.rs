//! Documents: what clients ask to execute, parsed once and kept.
//!
//! - A document that was [seen](seen) before is neither scanned nor parsed again.
//! - [Trusted](trusted) documents come from a manifest that the operator deploys; a server may take no others.
//! - A client that knows the hash of a document need not send its text (automatic persisted queries).

mod fields;
mod seen;
mod source;
mod trusted;

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::{Error as ParseError, parse_query};

use crate::guard::{GuardError, Limits, scan};
pub(crate) use fields::FieldNames;
use seen::Seen;
pub use source::{DocumentHash, DocumentSource};
pub use trusted::{ManifestError, TrustedDocuments};

/// A document that was parsed.
#[derive(Debug)]
pub struct Document {
    pub(crate) text: String,
    pub(crate) parsed: ExecutableDocument,
    pub(crate) fields: FieldNames,
    /// Whether the operator's manifest has it.
    pub(crate) trusted: bool,
}

impl Document {
    pub(crate) fn parse(text: String, limits: &Limits) -> Result<Self, DocumentError> {
        scan(&text, limits)?;
        let parsed = parse_query(&text)?;
        Ok(Self {
            text,
            fields: FieldNames::of(&parsed),
            parsed,
            trusted: false,
        })
    }
}

/// Why there is no document to execute.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It exceeds a limit.
    #[error(transparent)]
    TooComplex(#[from] GuardError),
    /// It is not GraphQL.
    #[error("{}", describe(.0))]
    Syntax(#[from] ParseError),
    /// The manifest has no document of this id.
    #[error(
        "No trusted document has the id \"{0}\": deploy a manifest with it before the client that sends it."
    )]
    UnknownId(String),
    /// The server does not know this hash. The message is the one that clients of automatic persisted queries wait for.
    #[error("PersistedQueryNotFound")]
    UnknownHash,
    /// The hash is that of another text.
    #[error("`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`.")]
    OtherHash,
    /// Only trusted documents are taken.
    #[error(
        "This server executes trusted documents only: send the `documentId` of one, or have the document added to the manifest."
    )]
    NotTrusted,
}

/// Where the syntax breaks, without the parser's internals.
fn describe(error: &ParseError) -> String {
    match error {
        ParseError::Syntax { start, .. } => {
            let (line, column) = (start.line, start.column);
            format!("Syntax error at line {line}, column {column}.")
        }
        ParseError::RecursionLimitExceeded => "The document nests too deeply.".to_owned(),
        other => format!("Syntax error: {other}."),
    }
}

/// Every document that the server knows.
pub struct Documents {
    trusted: TrustedDocuments,
    only_trusted: bool,
    seen: Seen,
}

impl Documents {
    /// With these trusted ones; with `only_trusted` no others are taken.
    pub fn new(trusted: TrustedDocuments, only_trusted: bool) -> Self {
        Self {
            trusted,
            only_trusted,
            seen: Seen::default(),
        }
    }

    /// The document that a request names.
    ///
    /// # Errors
    ///
    /// When it is not known, not trusted, not GraphQL, or exceeds a limit.
    pub fn find(
        &self,
        source: DocumentSource,
        limits: &Limits,
    ) -> Result<Arc<Document>, DocumentError> {
        let (hash, text) = match source {
            DocumentSource::Id(id) => {
                let found = self.trusted.by_id(&id).cloned();
                return found.ok_or(DocumentError::UnknownId(id));
            }
            DocumentSource::Text(text) => (DocumentHash::of(&text), Some(text)),
            DocumentSource::Hash(hash, text) => (hash, text),
        };
        if let Some(trusted) = self.trusted.by_hash(&hash) {
            return Ok(trusted.clone());
        }
        if self.only_trusted {
            return Err(DocumentError::NotTrusted);
        }
        if let Some(seen) = self.seen.get(&hash) {
            return Ok(seen);
        }
        let text = text.ok_or(DocumentError::UnknownHash)?;
        if DocumentHash::of(&text) != hash {
            return Err(DocumentError::OtherHash);
        }
        let document = Arc::new(Document::parse(text, limits)?);
        self.seen.keep(hash, document.clone());
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(only_trusted: bool) -> Documents {
        let manifest = br#"{"viewer-1": "{ viewer { role } }"}"#;
        let trusted = TrustedDocuments::read(manifest, &Limits::default()).unwrap();
        Documents::new(trusted, only_trusted)
    }

    fn find(documents: &Documents, source: DocumentSource) -> Result<Arc<Document>, DocumentError> {
        documents.find(source, &Limits::default())
    }

    fn text(text: &str) -> DocumentSource {
        DocumentSource::Text(text.to_owned())
    }

    #[test]
    fn a_document_is_parsed_once() {
        let documents = documents(false);

        let first = find(&documents, text("{ __typename }")).unwrap();
        let second = find(&documents, text("{ __typename }")).unwrap();

        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn a_hash_stands_for_a_text_that_was_sent_with_it() {
        let documents = documents(false);
        let hash = DocumentHash::of("{ __typename }");

        let before = find(&documents, DocumentSource::Hash(hash, None)).unwrap_err();
        let sent = DocumentSource::Hash(hash, Some("{ __typename }".to_owned()));
        let sent = find(&documents, sent).unwrap();
        let after = find(&documents, DocumentSource::Hash(hash, None)).unwrap();

        assert_eq!(before.to_string(), "PersistedQueryNotFound");
        assert!(Arc::ptr_eq(&sent, &after));
    }

    #[test]
    fn a_hash_of_another_text_is_refused() {
        let hash = DocumentHash::of("{ a }");
        let other = DocumentSource::Hash(hash, Some("{ b }".to_owned()));
        let refused = find(&documents(false), other).unwrap_err();
        insta::assert_snapshot!(refused, @"`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`.");
    }

    #[test]
    fn where_only_trusted_documents_are_taken_their_text_is_as_good_as_their_id() {
        let documents = documents(true);

        let by_id = find(&documents, DocumentSource::Id("viewer-1".to_owned())).unwrap();
        let by_text = find(&documents, text("{ viewer { role } }")).unwrap();
        let other = find(&documents, text("{ viewer { role } } ")).unwrap_err();
        let unknown = find(&documents, DocumentSource::Id("viewer-2".to_owned())).unwrap_err();

        assert!(by_id.trusted && Arc::ptr_eq(&by_id, &by_text));
        insta::assert_snapshot!(other, @"This server executes trusted documents only: send the `documentId` of one, or have the document added to the manifest.");
        insta::assert_snapshot!(unknown, @r#"No trusted document has the id "viewer-2": deploy a manifest with it before the client that sends it."#);
    }
}
