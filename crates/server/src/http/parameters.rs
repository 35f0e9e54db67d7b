use async_graphql::{Value, Variables};
use jackfield_graphql::Parameters;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Why the parameters of a request cannot be read. The text goes to the client.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct MalformedRequest(String);

/// The members of a request (GraphQL over HTTP §5). Unknown members are ignored, as §5.1 leaves them to extensions.
#[derive(Deserialize)]
struct Body {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Value>,
    extensions: Option<Box<RawValue>>,
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
    let body: Body = serde_json::from_slice(body)
        .map_err(|error| malformed(format!("The body is not a GraphQL request: {error}")))?;
    if body
        .extensions
        .is_some_and(|extensions| !extensions.get().starts_with('{') && extensions.get() != "null")
    {
        return Err(malformed("`extensions` must be an object."));
    }
    parameters(body.query, body.operation_name, body.variables)
}

/// Reads the query string of a GET.
///
/// # Errors
///
/// When `query` is missing, or `variables` is not a JSON object.
pub fn from_query(text: &str) -> Result<Parameters, MalformedRequest> {
    let (mut query, mut operation_name, mut variables) = (None, None, None);
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match &*name {
            "query" => query = Some(value.into_owned()),
            "operationName" if !value.is_empty() => operation_name = Some(value.into_owned()),
            "variables" if !value.is_empty() => {
                let parsed = serde_json::from_str(&value)
                    .map_err(|_| malformed("`variables` must be a JSON object."))?;
                variables = Some(parsed);
            }
            _ => {}
        }
    }
    parameters(query, operation_name, variables)
}

fn parameters(
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Value>,
) -> Result<Parameters, MalformedRequest> {
    let query = query.ok_or_else(|| {
        malformed("`query` is missing: it must be the text of a GraphQL document.")
    })?;
    let variables = match variables {
        None | Some(Value::Null) => Variables::default(),
        Some(value @ Value::Object(_)) => Variables::from_value(value),
        Some(_) => return Err(malformed("`variables` must be an object.")),
    };
    Ok(Parameters {
        query,
        operation_name,
        variables,
    })
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
        assert_eq!(
            (&body.query, &body.operation_name),
            (&query.query, &query.operation_name)
        );
        assert_eq!(body.variables, query.variables);
    }

    #[test]
    fn says_what_is_wrong() {
        insta::assert_snapshot!(from_body(b"{}").unwrap_err(), @"`query` is missing: it must be the text of a GraphQL document.");
        insta::assert_snapshot!(from_body(br#"{"query": "{a}", "variables": [1]}"#).unwrap_err(), @"`variables` must be an object.");
        insta::assert_snapshot!(from_body(br#"[{"query": "{a}"}]"#).unwrap_err(), @"Batches of requests are not supported: send one request at a time.");
        assert!(from_body(br#"{"query": "{a}", "extensions": "x"}"#).is_err());
        assert!(from_body(br#"{"query": 1}"#).is_err());
    }
}
