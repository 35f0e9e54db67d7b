//! What takes too long is ended.

use anyhow::Result;
use insta::assert_json_snapshot;
use jackfield_tests::{Engine, Setup, example};
use serde_json::json;

#[test]
fn a_query_that_takes_too_long_is_ended() -> Result<()> {
    example(Engine::Postgres, ended)
}

async fn ended(engine: Engine) -> Result<()> {
    let jackfield = Setup::new(engine)?
        .environment("JACKFIELD_QUERY_TIMEOUT", "500ms")
        .start()
        .await?;
    let held = jackfield.hold_table("workflows")?;

    let document = "{ workflows { nodes { id } } }";
    let answer = jackfield.owner().send(document, json!({})).await?;
    drop(held);

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
    jackfield.owner().data(document).await?;
    jackfield.finish().await
}
