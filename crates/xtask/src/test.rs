//! `cargo xtask test`: every test there is.

use std::env;

use anyhow::Result;

use crate::cargo::{cargo, output, succeed};

const TARGETS: [&str; 5] = ["--workspace", "--lib", "--bins", "--tests", "--examples"];

/// What the tests with a long mode are told by the environment, and what it is in a long run: how often the crash tests kill the
/// server, and how many events are followed while connections are cut.
const LONG: [(&str, &str); 2] = [
    ("JACKFIELD_CRASH_KILLS", "1000"),
    ("JACKFIELD_CUT_EVENTS", "100000"),
];

/// Builds the server and the plugins, which the integration tests start, and runs the examples of the
/// documentation and then all tests: with cargo-nextest where it is installed, with cargo itself otherwise.
///
/// `--long` kills the server 1,000 times in the crash tests instead of a few, or as often as `JACKFIELD_CRASH_KILLS` says, and follows
/// 100,000 events over connections that are cut, or as many as `JACKFIELD_CUT_EVENTS` says.
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

/// The crash tests with 1,000 kills and the followers of 100,000 events, and nothing else unless it is named.
fn long_run(options: &[String]) -> Result<()> {
    succeed(&mut cargo(["build"].into_iter().chain(TARGETS))?)?;
    let mut test = cargo(["test", "--workspace", "--test=it"])?;
    test.args(options);
    test.args(["--", "--nocapture", "crash::", "clients::cut::"]);
    for (name, value) in LONG {
        if env::var_os(name).is_none() {
            test.env(name, value);
        }
    }
    succeed(&mut test)
}

fn has_nextest() -> Result<bool> {
    let installed = output(&mut cargo(["--list"])?)?;
    Ok(String::from_utf8_lossy(&installed)
        .lines()
        .any(|line| line.trim() == "nextest"))
}
