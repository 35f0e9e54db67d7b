//! Suites of real JavaScript clients in `clients/`, run with the Node.js and npm of a normal installation.

use std::env;
use std::fs::{self, File};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::engine::{Engine, example};
use crate::jackfield::Jackfield;

/// The oldest Node.js that the packages accept.
const OLDEST: u32 = 20;
/// Within `node_modules`: the lock file that it was installed from.
const INSTALLED: &str = "node_modules/.installed-from";

/// How long a test of a suite, and each of its files, may take in milliseconds, also on a busy machine: what hangs is named before
/// the whole example is ended.
const LONGEST: &str = "--test-timeout=150000";

/// Runs one example with SQLite and the packages installed, or says aloud that it cannot.
///
/// Node.js and npm are required when `JACKFIELD_REQUIRE_NODE` is `1`, and the example is skipped where they are missing or
/// too old otherwise.
pub fn with_npm<F>(body: fn(Engine) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let lacking = lacking().or_else(|| install().err().map(|error| format!("{error:#}")));
    if let Some(lacking) = lacking {
        let required = env::var("JACKFIELD_REQUIRE_NODE").is_ok_and(|value| value == "1");
        assert!(!required, "JACKFIELD_REQUIRE_NODE=1, but {lacking}");
        eprintln!("SKIPPED: {lacking} (Node.js {OLDEST} or newer and npm run the clients)");
        return Ok(());
    }
    example(Engine::Sqlite, body)
}

/// Runs one suite of `clients/suites` with `node --test`, against a server if there is one. The server may be restarted
/// meanwhile.
///
/// # Errors
///
/// What the suite printed, when one of its tests fails.
pub fn suite(
    name: &'static str,
    server: Option<&Jackfield>,
) -> impl Future<Output = Result<()>> + use<> {
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=spec", LONGEST]);
    command.arg(format!("suites/{name}.test.js"));
    if let Some(server) = server {
        command.env("JACKFIELD_URL", server.url(""));
        command.env("JACKFIELD_KEY", server.owner_key());
    }
    run(command, name)
}

/// Runs a script of `clients/package.json`.
///
/// # Errors
///
/// What it printed, when it fails.
pub async fn script(name: &str) -> Result<()> {
    let mut command = Command::new("npm");
    command.args(["run", "--silent", name]);
    run(command, name).await
}

async fn run(mut command: Command, name: &str) -> Result<()> {
    let output = command
        .current_dir(folder())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let printed = printed(&output);
    ensure!(output.status.success(), "`{name}` failed:\n{printed}");
    println!("{printed}");
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients")
}

/// Installs what the lock file names, once for all tests, which are processes that start together.
fn install() -> Result<()> {
    let path = folder().join("package-lock.json");
    let lock = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
    lock.lock()?;
    let wanted = fs::read(&path)?;
    let installed = folder().join(INSTALLED);
    if fs::read(&installed).is_ok_and(|from| from == wanted) {
        return Ok(());
    }
    let output = process::Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder())
        .stdin(Stdio::null())
        .output()?;
    ensure!(
        output.status.success(),
        "`npm ci` failed:\n{}",
        printed(&output)
    );
    Ok(fs::write(installed, wanted)?)
}

/// What keeps this machine from running the suites.
fn lacking() -> Option<String> {
    let Some(node) = version("node") else {
        return Some("there is no Node.js".to_owned());
    };
    if major(&node).is_none_or(|major| major < OLDEST) {
        return Some(format!("Node.js is {node}"));
    }
    version("npm")
        .is_none()
        .then(|| "there is no npm".to_owned())
}

fn version(program: &str) -> Option<String> {
    let output = process::Command::new(program)
        .arg("--version")
        .output()
        .ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| version.trim().to_owned())
}

/// `v20.20.2` has 20.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn printed(output: &process::Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_a_major_number() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
    }
}
