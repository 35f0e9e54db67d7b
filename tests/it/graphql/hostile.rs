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
    assert_snapshot!(said, @r#""#);
    jackfield.finish().await
}
