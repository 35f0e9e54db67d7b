//! `cargo xtask demo`: one workflow from webhook to result, on a temporary directory.

use anyhow::Result;

use crate::cargo::{cargo, succeed};
use crate::dist;

/// Builds what `serve` builds and shows it at work.
pub fn run() -> Result<()> {
    let dist = dist::run()?;
    let mut demo = cargo([
        "run",
        "--quiet",
        "--release",
        "--package=jackfield-tests",
        "--bin=jackfield-demo",
    ])?;
    succeed(demo.env("JACKFIELD_DIST", dist))
}
