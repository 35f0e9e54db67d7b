//! The conformance suite as the author of a plugin runs it.

use std::fs;
use std::path::Path;
use std::process::Output;

use anyhow::{Context, Result};
use insta::assert_snapshot;
use jackfield_tests::{Engine, Setup};
use serde_json::Value;
use tokio::process::Command;

use super::trust::bench::Bench;

/// Runs `jackfield plugin check` with these arguments.
async fn check(setup: &Setup, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(setup.server());
    command
        .args(["plugin", "check"])
        .args(arguments)
        .env_clear();
    Ok(command.output().await?)
}

pub(super) fn http(setup: &Setup) -> String {
    let name = format!(
        "{}jackfield_plugin_http{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let file = setup.plugins().join("http").join(name);
    file.display().to_string()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn the_http_plugin_passes() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let output = check(&setup, &[&http(&setup), "--seed", "11"]).await?;
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    let first = printed.lines().next().context("a line")?;
    assert_eq!(first, format!("{}, seed 11", http(&setup)));
    let line = printed
        .lines()
        .find(|line| line.contains("fuzz.events.api-endpoint"));
    assert_snapshot!(line.unwrap_or_default(), @"pass  fuzz.events.api-endpoint                      300 frames of seed 11");
    assert_snapshot!(text(&output.stderr), @"");
    Ok(())
}

#[tokio::test]
async fn a_program_reads_one_document() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let file = http(&setup);
    let output = check(
        &setup,
        &[&file, "--seed", "11", "--json", "--filter", "manifest."],
    )
    .await?;
    assert_eq!(output.status.code(), Some(0));
    let mut document: Value = serde_json::from_slice(&output.stdout)?;
    document["file"] = "FILE".into();
    assert_snapshot!(format!("{document:#}"), @r#"
    {
      "file": "FILE",
      "plugin": {
        "name": "http",
        "version": "0.1.0"
      },
      "seed": 11,
      "summary": {
        "passed": 3,
        "failed": 0,
        "warned": 1,
        "skipped": 0
      },
      "checks": [
        {
          "id": "manifest.schema",
          "verdict": "pass",
          "found": "nodes: 2, providers: 1"
        },
        {
          "id": "manifest.version",
          "verdict": "pass",
          "found": "0.1.0"
        },
        {
          "id": "manifest.texts",
          "verdict": "pass",
          "found": "everything is described"
        },
        {
          "id": "manifest.hosts",
          "verdict": "warn",
          "found": "it wants to reach any host (*)",
          "remedy": "Name the hosts instead of *, and those of token endpoints too: an operator has to grant them."
        }
      ]
    }
    "#);
    Ok(())
}

#[tokio::test]
async fn a_plugin_that_is_none_fails() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let file = setup.home().join("libtext.so");
    fs::write(&file, "This is no library.")?;
    let file = file.display().to_string();
    let output = check(&setup, &[&file, "--seed", "1"]).await?;
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout).replace(&file, "FILE");
    let lines: Vec<&str> = printed.lines().take(3).collect();
    assert_snapshot!(lines.join("\n"), @"
    FILE, seed 1
    fail  abi.library                                   it is not a library that can be loaded here: file too short — Build a shared library for this machine without dependencies that it may not have; constructors must not crash, wait, open files or start processes.
    The other checks need a manifest.
    ");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_checked_is_no_verdict() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    assert!(!Path::new("/nowhere/libacme.so").exists());
    let output = check(&setup, &["/nowhere/libacme.so"]).await?;
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(text(&output.stderr), @"jackfield: /nowhere/libacme.so: it cannot be read: No such file or directory (os error 2); give the path of a plugin's library or bundle");
    Ok(())
}

/// In a bundle it is the library for this machine that is checked.
#[tokio::test]
async fn a_bundle_is_checked_before_it_is_installed() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let bench = Bench::of(&setup)?;
    let bundle = bench.pack("http", "0.1.0", Path::new(&http(&setup)))?;
    let file = bundle.display().to_string();
    let output = check(&setup, &[&file, "--seed", "11"]).await?;
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    let first = printed.lines().next().context("a line")?;
    assert_eq!(first, format!("{file}, seed 11"));
    let fuzzed = "pass  fuzz.events.api-endpoint";
    assert!(printed.contains(fuzzed), "{printed}");

    let bytes = fs::read(&bundle)?;
    fs::write(&bundle, &bytes[..bytes.len() / 2])?;
    let output = check(&setup, &[&file]).await?;
    let said = text(&output.stderr);
    let remedy = "give the path of a plugin's library or bundle";
    assert!(
        said.contains("it is no bundle or a damaged one") && said.contains(remedy),
        "{said}"
    );
    Ok(())
}
