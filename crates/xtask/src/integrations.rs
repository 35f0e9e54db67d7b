//! `cargo xtask integrations`: `docs/integrations.md`, from what the plugins say of themselves.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::cargo::{cargo, output, root, succeed, target_dir};

/// Builds the server and the plugins, as the tests do, and writes the page.
pub fn write() -> Result<()> {
    succeed(&mut cargo(["build", "--workspace", "--lib", "--bins"])?)?;
    let program = format!("jackfield-integrations{EXE_SUFFIX}");
    let program = target_dir()?.join("debug").join(program);
    let page = output(&mut Command::new(program))?;
    fs::write(root()?.join("docs/integrations.md"), page)?;
    Ok(())
}
