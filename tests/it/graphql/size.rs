//! What an answer weighs, and what a request may cost.

use anyhow::Result;
use insta::assert_json_snapshot;
use jackfield_tests::{Engine, Jackfield, Setup};
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

#[tokio::test]
async fn a_query_that_takes_too_long_is_ended() -> Result<()> {
    let jackfield = Setup::new(Engine::Sqlite)?
        .environment("JACKFIELD_QUERY_TIMEOUT", "1ms")
        .start()
        .await?;
    // Thirty times what takes a part of a millisecond.
    let fields: String = (0..30)
        .map(|n| format!("r{n}: runs {{ totalCount }} "))
        .collect();
    let document = format!("{{ {fields} }}");
    let answer = jackfield.owner().send(&document, json!({})).await?;
    assert_json_snapshot!(answer.body, @r#"
    {
      "errors": [
        {
          "message": "The query took longer than the setting `query_timeout`: ask for less at once.",
          "extensions": {
            "code": "TIMED_OUT"
          }
        }
      ]
    }
    "#);
    // Its end is not looked into: that takes queries which this server refuses.
    jackfield.abandon();
    Ok(())
}
