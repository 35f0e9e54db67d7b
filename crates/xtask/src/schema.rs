//! `cargo xtask schema`: `schema.graphql` as the server prints it, and the schemas of the messages of plugins.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cargo::{cargo, output, root, succeed};

/// Writes the files.
pub fn write() -> Result<()> {
    fs::write(path()?, printed()?)?;
    messages(&[])
}

/// Fails if a file is not what would be written.
pub fn check() -> Result<()> {
    if fs::read(path()?).unwrap_or_default() != printed()? {
        bail!("schema.graphql is not current; run `cargo xtask schema` and commit the result");
    }
    messages(&["--", "--check"])
}

fn messages(options: &[&str]) -> Result<()> {
    let run = [
        "run",
        "--quiet",
        "--package=jackfield-plugin-abi",
        "--example=schemas",
    ];
    succeed(&mut cargo(run.iter().chain(options).copied())?)
}

fn path() -> Result<PathBuf> {
    Ok(root()?.join("schema.graphql"))
}

fn printed() -> Result<Vec<u8>> {
    output(&mut cargo([
        "run",
        "--quiet",
        "--package=jackfield",
        "--",
        "schema",
    ])?)
}
