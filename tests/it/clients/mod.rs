//! Real JavaScript clients against the real server. What each does is in `clients/suites`.

use anyhow::Result;
use jackfield_tests::npm::{script, suite, with_npm};
use jackfield_tests::{Engine, Jackfield};

#[test]
fn every_audit_of_graphql_over_http_passes() -> Result<()> {
    with_npm(audits)
}

#[test]
fn graphql_ws_speaks_with_the_server() -> Result<()> {
    with_npm(ws)
}

#[test]
fn graphql_sse_speaks_with_the_server() -> Result<()> {
    with_npm(sse)
}

#[test]
fn the_typescript_package_follows_without_a_gap_and_its_examples_run() -> Result<()> {
    with_npm(typescript)
}

#[test]
fn tools_take_the_schema() -> Result<()> {
    with_npm(schema)
}

async fn audits(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    suite("audits", Some(&jackfield)).await?;
    jackfield.finish().await
}

async fn ws(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    suite("ws", Some(&jackfield)).await?;
    jackfield.finish().await
}

async fn sse(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    suite("sse", Some(&jackfield)).await?;
    jackfield.finish().await
}

async fn typescript(engine: Engine) -> Result<()> {
    script("build").await?;
    let jackfield = Jackfield::start(engine).await?;
    suite("follow", Some(&jackfield)).await?;
    suite("examples", Some(&jackfield)).await?;
    jackfield.finish().await
}

async fn schema(_: Engine) -> Result<()> {
    suite("schema", None).await
}
