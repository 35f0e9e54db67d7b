//! An author's first hour, as docs/plugins/rust.md tells it: from an empty directory to a node that runs in a workflow.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use insta::assert_json_snapshot;
use jackfield_tests::{Engine, Setup, example, node, start_then, step};
use serde_json::{Value, json};

/// An author's terminal, in a directory of their own.
struct Author {
    server: PathBuf,
    home: PathBuf,
    plugins: PathBuf,
    /// Where crates are built; it stays between runs of the test, so that only the first compiles the dependencies.
    target: PathBuf,
}

impl Author {
    fn of(setup: &Setup) -> Result<Self> {
        let home = setup.home().join("author");
        fs::create_dir_all(&home)?;
        let executable = std::env::current_exe()?;
        let built = executable.ancestors().nth(3);
        Ok(Self {
            server: setup.server(),
            plugins: setup.plugins().to_owned(),
            home,
            target: built.context("a test is built somewhere")?.join("authored"),
        })
    }

    /// Runs a command with the profile that compiles fastest, and without the network: what the crate needs is what this
    /// repository needs.
    fn run(&self, program: OsString, folder: &Path, arguments: &[&str]) -> Result<String> {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env("JACKFIELD_PLUGINS", &self.plugins)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .stdin(Stdio::null())
            .output()?;
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr),
        );
        ensure!(
            output.status.success(),
            "{arguments:?} ended with {}:\n{out}\n{err}",
            output.status
        );
        Ok(out)
    }

    fn plugin(&self, arguments: &[&str]) -> Result<String> {
        let arguments = [&["plugin"], arguments].concat();
        self.run(self.server.clone().into(), &self.home, &arguments)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        self.run(cargo, &self.home.join("weather"), arguments)
    }

    /// Holds the crate to the versions that this repository was built with, which are at hand.
    fn keep_versions(&self) -> Result<()> {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, self.home.join("weather/Cargo.lock"))?;
        Ok(())
    }
}

/// `plugin check` has nothing to complain of.
fn is_well(author: &Author) -> Result<()> {
    let checked = author.plugin(&["check", "weather-0.1.0.jackfield", "--json"])?;
    let checked: Value = serde_json::from_str(&checked)?;
    let complaints = checked["checks"].as_array().context("checks")?.iter();
    let complaints: Vec<_> = complaints
        .filter(|check| matches!(check["verdict"].as_str(), Some("fail" | "warn")))
        // How long a library takes to load says little on a busy machine.
        .filter(|check| check["id"] != "load.time")
        .collect();
    assert_eq!(complaints, Vec::<&Value>::new());
    Ok(())
}

/// It is installed once the author says that nobody has signed it.
fn is_installed(author: &Author) -> Result<()> {
    let install = ["install", "weather-0.1.0.jackfield", "--yes"];
    let refused = author.plugin(&install).err().context("it is not signed")?;
    assert!(
        refused.to_string().contains("add --allow-unsigned"),
        "{refused}"
    );
    let installed = author.plugin(&[&install[..], &["--allow-unsigned"]].concat())?;
    assert_eq!(
        installed.lines().last(),
        Some("weather 0.1.0 is installed, with the host api.github.com.")
    );
    Ok(())
}

async fn the_first_hour(_: Engine) -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?.without("JACKFIELD_UNSIGNED_PLUGINS");
    let author = Author::of(&setup)?;
    author.plugin(&["new", "weather"])?;
    author.keep_versions()?;
    let tested = author.cargo(&["test", "--release"])?;
    assert!(
        tested.contains("test result: ok. 3 passed; 0 failed; 0 ignored"),
        "{tested}"
    );
    author.plugin(&["pack", "weather"])?;
    is_well(&author)?;
    is_installed(&author)?;

    let jackfield = setup.start().await?;
    let config = json!({"operation": "greet", "name": "{{ trigger.body.name }}"});
    let definition = start_then(node("greet", "weather", config));
    let input = json!({"name": "Ada"});
    let run = jackfield.owner().run_once(definition, input).await?;
    assert_json_snapshot!(step(&run, "greet")["output"], @r#"
    {
      "text": "Hello, Ada!"
    }
    "#);
    jackfield.finish().await
}

#[test]
fn a_new_plugin_is_tested_packed_checked_installed_and_run() -> Result<()> {
    example(Engine::Sqlite, the_first_hour)
}
