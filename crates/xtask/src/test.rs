//! `cargo xtask test`: every test there is.

use anyhow::Result;

use crate::cargo::{cargo, output, succeed};

const TARGETS: [&str; 5] = ["--workspace", "--lib", "--bins", "--tests", "--examples"];

/// Builds the server and the plugins, which the integration tests start, and runs the examples of the
/// documentation and then all tests: with cargo-nextest where it is installed, with cargo itself otherwise.
pub fn run(options: &[String]) -> Result<()> {
    succeed(&mut cargo(["build"].into_iter().chain(TARGETS))?)?;
    if options.is_empty() {
        succeed(&mut cargo(["test", "--workspace", "--doc", "--quiet"])?)?;
    }
    let runner: &[&str] = if has_nextest()? {
        &["nextest", "run"]
    } else {
        &["test"]
    };
    succeed(cargo(runner.iter().copied().chain(TARGETS))?.args(options))
}

fn has_nextest() -> Result<bool> {
    let installed = output(&mut cargo(["--list"])?)?;
    Ok(String::from_utf8_lossy(&installed)
        .lines()
        .any(|line| line.trim() == "nextest"))
}
