//! What an answer weighs, and what a request may cost.

use anyhow::Result;
use insta::assert_json_snapshot;
use jackfield_tests::{Engine, Jackfield};
use serde_json::json;

#[tokio::test]
async fn an_answer_says_what_its_request_may_have_cost() -> Result<()> {
    let jackfield = Jackfield::start(Engine::Sqlite).await?;
    let document = "query ($n: Int) { workflows(first: $n) { nodes { id name } } }";
    let answer = jackfield.owner().send(document, json!({"n": 50})).await?;
    assert_json_snapshot!(answer.extensions, @r#"
    {
      "cost": {
        "requested": 151,
        "limit": 100000
      }
    }
    "#);
    jackfield.finish().await
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_can_read_it() -> Result<()> {
    let jackfield = Jackfield::start(Engine::Sqlite).await?;
    let ask = async |document: &str, accepted: &str| -> Result<(String, usize)> {
        let request = reqwest::Client::new().post(jackfield.url("/graphql"));
        let request = request
            .bearer_auth(jackfield.owner_key())
            .header("accept-encoding", accepted)
            .json(&json!({"query": document}));
        let response = request.send().await?;
        let encoding = response.headers().get("content-encoding");
        let encoding = encoding
            .map_or("none", |name| name.to_str().unwrap_or("?"))
            .to_owned();
        Ok((encoding, response.bytes().await?.len()))
    };
    let large = "{ __schema { types { name description } } }";

    let (plain, whole) = ask(large, "identity").await?;
    assert_eq!(plain, "none");
    for accepted in ["gzip", "br"] {
        let (encoding, bytes) = ask(large, accepted).await?;
        assert_eq!(encoding, accepted);
        assert!(bytes * 2 < whole, "{bytes} of {whole} bytes as {encoding}");
    }
    assert_eq!(ask("{ __typename }", "gzip").await?.0, "none");
    jackfield.finish().await
}
