//! `cargo xtask schema`: `schema.graphql` as the server prints it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cargo::{cargo, output, root};

/// Writes the file.
pub fn write() -> Result<()> {
    fs::write(path()?, printed()?)?;
    Ok(())
}

/// Fails if the file is not what would be written.
pub fn check() -> Result<()> {
    if fs::read(path()?).unwrap_or_default() != printed()? {
        bail!("schema.graphql is not current; run `cargo xtask schema` and commit the result");
    }
    Ok(())
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
