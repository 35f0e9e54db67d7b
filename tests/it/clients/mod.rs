//! Real JavaScript clients against the real server. What each does is in `clients/suites`.

mod cut;

use std::pin::pin;
use std::time::Duration;

use anyhow::Result;
use jackfield_tests::npm::{Suite, build, with_npm};
use jackfield_tests::{Engine, Jackfield};
use tokio::time::timeout;

#[test]
fn every_audit_of_graphql_over_http_passes() -> Result<()> {
    with_npm(Engine::Sqlite, audits)
}

#[test]
fn graphql_ws_speaks_with_the_server() -> Result<()> {
    with_npm(Engine::Sqlite, ws)
}

#[test]
fn graphql_sse_speaks_with_the_server() -> Result<()> {
    with_npm(Engine::Sqlite, sse)
}

#[test]
fn the_typescript_package_and_the_pages_about_the_api_do_what_they_say() -> Result<()> {
    with_npm(Engine::Sqlite, typescript)
}

#[test]
fn tools_take_the_schema() -> Result<()> {
    with_npm(Engine::Sqlite, schema)
}

async fn audits(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    Suite::new("audits").against(&jackfield).run().await?;
    jackfield.finish().await
}

async fn ws(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    Suite::new("ws").against(&jackfield).run().await?;
    jackfield.finish().await
}

async fn sse(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    Suite::new("sse").against(&jackfield).run().await?;
    jackfield.finish().await
}

async fn typescript(engine: Engine) -> Result<()> {
    build().await?;
    let jackfield = Jackfield::whole(engine).await?;
    Suite::new("follow").against(&jackfield).run().await?;
    Suite::new("examples").against(&jackfield).run().await?;
    jackfield.finish().await?;
    restarts(engine).await?;
    // The pages show what a new server answers.
    let jackfield = Jackfield::whole(engine).await?;
    Suite::new("docs").against(&jackfield).run().await?;
    jackfield.finish().await
}

/// Restarts a server until a suite has seen enough of it.
async fn restarts(engine: Engine) -> Result<()> {
    let mut jackfield = Jackfield::whole(engine).await?;
    let mut suite = pin!(Suite::new("restart").against(&jackfield).run());
    for restart in 0.. {
        if let Ok(ended) = timeout(Duration::from_millis(300), &mut suite).await {
            ended?;
            break;
        }
        match restart % 2 {
            0 => jackfield.terminate().await?,
            _ => jackfield.kill().await?,
        }
        jackfield.restart().await?;
    }
    jackfield.finish().await
}

async fn schema(_: Engine) -> Result<()> {
    Suite::new("schema").run().await
}
