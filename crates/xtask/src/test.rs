//! `cargo xtask test`: every test there is.

use anyhow::Result;

use crate::cargo::{cargo, output, succeed};

const TARGETS: [&str; 5] = ["--workspace", "--lib", "--bins", "--tests", "--examples"];

/// Builds the server and the plugins, which the integration tests start, and runs the examples of the
/// documentation and then all tests: with cargo-nextest where it is installed, with cargo itself otherwise.
///
/// `--long` kills the server 1,000 times in the crash tests instead of a few.
pub fn run(options: &[String]) -> Result<()> {
    if let Some(long) = options.iter().position(|option| option == "--long") {
        let mut options = options.to_vec();
        options.remove(long);
        return long_run(&options);
    }
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

/// The crash tests with 1,000 kills, and nothing else unless it is named.
fn long_run(options: &[String]) -> Result<()> {
    succeed(&mut cargo(["build"].into_iter().chain(TARGETS))?)?;
    let arguments = ["test", "--package=jackfield-tests", "--test=it", "crash::"];
    let mut test = cargo(arguments)?;
    test.args(options).args(["--", "--nocapture"]);
    succeed(test.env("JACKFIELD_CRASH_KILLS", "1000"))
}

fn has_nextest() -> Result<bool> {
    let installed = output(&mut cargo(["--list"])?)?;
    Ok(String::from_utf8_lossy(&installed)
        .lines()
        .any(|line| line.trim() == "nextest"))
}
