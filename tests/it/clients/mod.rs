//! Real JavaScript clients against the real server. What each does is in `clients/suites`.

use anyhow::Result;
use jackfield_tests::npm::{suite, with_npm};
use jackfield_tests::{Engine, Jackfield};

#[test]
fn every_audit_of_graphql_over_http_passes() -> Result<()> {
    with_npm(audits)
}

async fn audits(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    suite("audits", Some(&jackfield)).await?;
    jackfield.finish().await
}
