//! The conformance suite as the author of a plugin runs it.

use std::fs;
use std::path::Path;
use std::process::Output;

use anyhow::{Context, Result};
use insta::assert_snapshot;
use jackfield_tests::{Engine, Setup};
use serde_json::Value;
use tokio::process::Command;

/// Runs `jackfield plugin check` with these arguments.
async fn check(setup: &Setup, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(setup.server());
    command
        .args(["plugin", "check"])
        .args(arguments)
        .env_clear();
    Ok(command.output().await?)
}

fn http(setup: &Setup) -> String {
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
    assert_snapshot!(first, @"");
    let line = printed
        .lines()
        .find(|line| line.contains("fuzz.events.api-endpoint"));
    assert_snapshot!(line.unwrap_or_default(), @"");
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
    assert_snapshot!(format!("{document:#}"), @"");
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
    assert_snapshot!(lines.join("\n"), @"");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_checked_is_no_verdict() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    assert!(!Path::new("/nowhere/libacme.so").exists());
    let output = check(&setup, &["/nowhere/libacme.so"]).await?;
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(text(&output.stderr), @"");
    Ok(())
}
