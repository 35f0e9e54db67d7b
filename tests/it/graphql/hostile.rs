//! Documents that are meant to keep the server busy. Each is refused for a stated reason, before anything is executed.

use std::fmt::Write;

use anyhow::Result;
use insta::assert_snapshot;
use jackfield_tests::{Engine, Jackfield, hostile};

#[tokio::test]
async fn hostile_documents_are_refused() -> Result<()> {
    let jackfield = Jackfield::start(Engine::Sqlite).await?;
    let mut said = String::new();
    for (name, request) in hostile::requests() {
        let answer = reqwest::Client::new()
            .post(jackfield.url("/graphql"))
            .bearer_auth(jackfield.owner_key())
            .json(&request)
            .send()
            .await?;
        let answer: serde_json::Value = answer.json().await?;
        let error = &answer["errors"][0];
        assert!(answer["data"].is_null(), "{name} was executed: {answer}");
        let (code, message) = (
            error["extensions"]["code"].as_str(),
            error["message"].as_str(),
        );
        writeln!(
            said,
            "{name}: {} {}",
            code.unwrap_or("?"),
            message.unwrap_or("?")
        )?;
    }
    assert_snapshot!(said, @r#"
    a fragment bomb: TOO_COMPLEX The document has 18446744073709551615 root fields; at most 30 are allowed.
    fragments in a circle: TOO_COMPLEX The fragment "A" spreads itself.
    a flood of aliases: TOO_COMPLEX The document has 2001 fields with fragments expanded; at most 2000 are allowed.
    a flood of root fields: TOO_COMPLEX The document has 2000 root fields; at most 30 are allowed.
    a flood of directives: TOO_COMPLEX The document has 10001 tokens; at most 10000 are allowed.
    deep selections: TOO_COMPLEX The document has 65 levels of brackets; at most 64 are allowed.
    deep lists: TOO_COMPLEX The document has 65 levels of brackets; at most 64 are allowed.
    rows of rows: TOO_COMPLEX The document has 2050201 points of cost; at most 100000 are allowed.
    a huge string: TOO_COMPLEX The document has 500027 bytes; at most 100000 are allowed.
    a flood of tokens: TOO_COMPLEX The document has 10001 tokens; at most 10000 are allowed.
    introspection within introspection: TOO_COMPLEX The document has 9 levels of lists in introspection; at most 2 are allowed.
    a list of a hundred thousand: TOO_COMPLEX The document has 50001 values in its variables; at most 50000 are allowed.
    an unfinished block string: GRAPHQL_PARSE_FAILED Syntax error at line 1, column 15.
    "#);
    jackfield.finish().await
}
