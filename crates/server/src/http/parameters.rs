//! What a request asks to execute, whatever carries it.

use async_graphql::{Value, Variables};
use jackfield_graphql::Parameters;
use jackfield_graphql::document::{DocumentHash, DocumentSource};
use jackfield_graphql::guard::GivenVariables;
use serde::Deserialize;

/// Why the parameters of a request cannot be read. The text goes to the client.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct MalformedRequest(String);

/// The members of a request (GraphQL over HTTP §5). Unknown members are ignored, as §5.1 leaves them to extensions.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<GivenVariables>,
    extensions: Option<Extensions>,
}

/// The extensions that the server knows.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "`extensions` must be an object")]
struct Extensions {
    persisted_query: Option<PersistedQuery>,
}

/// Automatic persisted queries, version 1 of Apollo's protocol.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    version: u32,
    sha256_hash: String,
}

/// Reads the JSON body of a POST.
///
/// # Errors
///
/// When it is not JSON, or a member has the wrong type.
pub fn from_body(body: &[u8]) -> Result<Parameters, MalformedRequest> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(malformed(
            "Batches of requests are not supported: send one request at a time.",
        ));
    }
    let members: Members = serde_json::from_slice(body)
        .map_err(|error| malformed(format!("The body is not a GraphQL request: {error}")))?;
    members.try_into()
}

/// Reads the query string of a GET.
///
/// # Errors
///
/// When it names no document, or one of its members is not the JSON that it must be.
pub fn from_query(text: &str) -> Result<Parameters, MalformedRequest> {
    let mut members = Members::default();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match &*name {
            "query" => members.query = Some(value.into_owned()),
            _ if value.is_empty() => {}
            "documentId" => members.document_id = Some(value.into_owned()),
            "operationName" => members.operation_name = Some(value.into_owned()),
            "variables" => members.variables = Some(json("variables", &value)?),
            "extensions" => members.extensions = Some(json("extensions", &value)?),
            _ => {}
        }
    }
    members.try_into()
}

fn json<'de, T: Deserialize<'de>>(name: &str, text: &'de str) -> Result<T, MalformedRequest> {
    serde_json::from_str(text).map_err(|_| malformed(format!("`{name}` must be a JSON object.")))
}

impl TryFrom<Members> for Parameters {
    type Error = MalformedRequest;

    fn try_from(members: Members) -> Result<Self, MalformedRequest> {
        let hash = members.extensions.and_then(|known| known.persisted_query);
        let variables = match members.variables {
            None | Some(GivenVariables(Ok(Value::Null))) => Ok(Variables::default()),
            Some(GivenVariables(Ok(value @ Value::Object(_)))) => Ok(Variables::from_value(value)),
            Some(GivenVariables(Err(refused))) => Err(refused),
            Some(_) => return Err(malformed("`variables` must be an object.")),
        };
        Ok(Self {
            document: document(members.query, members.document_id, hash)?,
            operation_name: members.operation_name,
            variables,
        })
    }
}

fn document(
    text: Option<String>,
    id: Option<String>,
    hash: Option<PersistedQuery>,
) -> Result<DocumentSource, MalformedRequest> {
    match (text, id, hash) {
        (Some(text), None, None) => Ok(DocumentSource::Text(text)),
        (None, Some(id), None) => Ok(DocumentSource::Id(id)),
        (text, None, Some(hash)) => {
            if hash.version != 1 {
                return Err(malformed("`extensions.persistedQuery.version` must be 1."));
            }
            let hash = DocumentHash::parse(&hash.sha256_hash).ok_or_else(|| {
                malformed("`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits.")
            })?;
            Ok(DocumentSource::Hash(hash, text))
        }
        (_, Some(_), _) => Err(malformed(
            "`documentId` stands in place of `query` and of `extensions.persistedQuery`: send one of them.",
        )),
        (None, None, None) => Err(malformed(
            "`query` is missing: it must be the text of a GraphQL document, unless there is a `documentId`.",
        )),
    }
}

fn malformed(message: impl Into<String>) -> MalformedRequest {
    MalformedRequest(message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_body_and_a_query_string_alike() {
        let body = from_body(
            br#"{"query": "{ a }", "operationName": null, "variables": {"x": 1}, "id": 7}"#,
        )
        .unwrap();
        let query =
            from_query("query=%7B%20a%20%7D&operationName=&variables=%7B%22x%22%3A1%7D").unwrap();
        insta::assert_debug_snapshot!(body, @r#"
        Parameters {
            document: Text(
                "{ a }",
            ),
            operation_name: None,
            variables: Ok(
                Variables(
                    {
                        Name(
                            "x",
                        ): Number(
                            Number(1),
                        ),
                    },
                ),
            ),
        }
        "#);
        assert_eq!(format!("{body:?}"), format!("{query:?}"));
    }

    #[test]
    fn a_document_has_a_text_an_id_or_a_hash() {
        let hash = "0".repeat(64);
        let extensions = format!(r#"{{"persistedQuery":{{"version":1,"sha256Hash":"{hash}"}}}}"#);
        let hashed = format!(r#"{{"extensions": {extensions}}}"#);
        let source = |body: &str| from_body(body.as_bytes()).map(|read| read.document);

        assert!(
            matches!(source(r#"{"documentId": "1f"}"#), Ok(DocumentSource::Id(id)) if id == "1f")
        );
        assert!(matches!(source(&hashed), Ok(DocumentSource::Hash(_, None))));
        insta::assert_snapshot!(source(r#"{"documentId": "1f", "query": "{ a }"}"#).unwrap_err(), @"`documentId` stands in place of `query` and of `extensions.persistedQuery`: send one of them.");
        insta::assert_snapshot!(source(r#"{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": ""}}}"#).unwrap_err(), @"`extensions.persistedQuery.version` must be 1.");
        insta::assert_snapshot!(source(r#"{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "1f"}}}"#).unwrap_err(), @"`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits.");
        insta::assert_snapshot!(from_query("extensions=1").unwrap_err(), @"`extensions` must be a JSON object.");
    }

    #[test]
    fn says_what_is_wrong() {
        insta::assert_snapshot!(from_body(b"{}").unwrap_err(), @"`query` is missing: it must be the text of a GraphQL document, unless there is a `documentId`.");
        insta::assert_snapshot!(from_body(br#"{"query": "{a}", "variables": [1]}"#).unwrap_err(), @"`variables` must be an object.");
        insta::assert_snapshot!(from_body(br#"[{"query": "{a}"}]"#).unwrap_err(), @"Batches of requests are not supported: send one request at a time.");
        assert!(from_body(br#"{"query": "{a}", "extensions": "x"}"#).is_err());
        assert!(from_body(br#"{"query": 1}"#).is_err());
    }
}
