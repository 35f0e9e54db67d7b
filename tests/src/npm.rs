//! Suites of real JavaScript clients in `clients/`, run with the Node.js and npm of a normal installation.

use std::env;
use std::fs::{self, File};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;
use tokio::task;

use crate::engine::{Engine, example};
use crate::jackfield::Jackfield;

/// The oldest Node.js that the packages accept.
const OLDEST: u32 = 20;
/// Within `node_modules`: the lock file that it was installed from.
const INSTALLED: &str = "node_modules/.installed-from";

/// Within the TypeScript package: all that it was built from.
const BUILT: &str = "dist/.built-from";
/// The parts of the package that decide what it is built to.
const PARTS: [&str; 7] = [
    "codegen.ts",
    "examples",
    "operations",
    "package.json",
    "src",
    "tsconfig.examples.json",
    "tsconfig.json",
];

/// How long a test of a suite, and each of its files, may take, also on a busy machine: what hangs is named before the whole
/// example is ended.
const LONGEST: Duration = Duration::from_secs(150);

/// Runs one example on an engine with the packages installed, or says aloud that it cannot.
///
/// Node.js and npm are required when `JACKFIELD_REQUIRE_NODE` is `1`, and the example is skipped where they are missing or
/// too old otherwise.
pub fn with_npm<F>(engine: Engine, body: fn(Engine) -> F) -> Result<()>
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
    example(engine, body)
}

/// A suite of `clients/suites`, run with `node --test`.
pub struct Suite {
    name: &'static str,
    command: Command,
    longest: Duration,
}

impl Suite {
    /// The suite of this name.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            command: Command::new("node"),
            longest: LONGEST,
        }
    }

    /// Against this server, which may be restarted meanwhile.
    #[must_use]
    pub fn against(self, server: &Jackfield) -> Self {
        self.environment("JACKFIELD_URL", &server.url(""))
            .environment("JACKFIELD_KEY", server.owner_key())
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With another longest time for each of its tests than two minutes and a half.
    #[must_use]
    pub fn longest(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// What it printed, when one of its tests fails.
    pub async fn run(mut self) -> Result<()> {
        self.command.args(["--test", "--test-reporter=spec"]);
        let longest = self.longest.as_millis();
        self.command.arg(format!("--test-timeout={longest}"));
        self.command.arg(format!("suites/{}.test.js", self.name));
        run(self.command, self.name).await
    }
}

/// Builds the TypeScript package, once for all tests, which are processes that start together.
///
/// # Errors
///
/// What it printed, when it fails.
pub async fn build() -> Result<()> {
    let package = folder().join("typescript");
    let lock = File::open(package.join("package.json"))?;
    task::block_in_place(|| lock.lock())?;
    let mut sources = fs::read(folder().join("package-lock.json"))?;
    sources.extend(fs::read(folder().join("../schema.graphql"))?);
    for part in PARTS {
        read_all(&package.join(part), &mut sources)?;
    }
    let built = package.join(BUILT);
    if fs::read(&built).is_ok_and(|from| from == sources) {
        return Ok(());
    }
    let mut command = Command::new("npm");
    command.args(["run", "--silent", "build"]);
    run(command, "build").await?;
    Ok(fs::write(built, sources)?)
}

/// Appends every file of a folder, the names in their order, or a file.
fn read_all(path: &Path, into: &mut Vec<u8>) -> Result<()> {
    if !path.is_dir() {
        into.extend(fs::read(path).with_context(|| format!("reading {}", path.display()))?);
        return Ok(());
    }
    let entries: std::io::Result<Vec<_>> = fs::read_dir(path)?.collect();
    let mut paths: Vec<PathBuf> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort_unstable();
    // What is generated comes of the operations and the schema.
    paths.retain(|path| !path.ends_with("gql"));
    for path in paths {
        into.extend(path.as_os_str().as_encoded_bytes());
        read_all(&path, into)?;
    }
    Ok(())
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
