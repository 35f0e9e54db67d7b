//! `cargo xtask serve`: the release build, running.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::dist;

/// Builds, then becomes the server: it gets the terminal and the signals.
pub fn run(options: &[String]) -> Result<()> {
    let dist = dist::run()?;
    let mut server = Command::new(dist.join("jackfield"));
    server.arg("serve").args(options);
    if !is_set(options, "--plugins", "JACKFIELD_PLUGINS") {
        server.arg("--plugins").arg(dist.join("plugins"));
    }
    eprintln!("Running {}", dist.join("jackfield").display());
    eprintln!(
        "Open the address that the server prints for GraphiQL; it asks for the API key that the first start"
    );
    eprintln!("prints and keeps as owner.key in the data directory. Ctrl-C stops it.\n");
    Err(server.exec()).with_context(|| format!("starting {server:?}"))
}

fn is_set(options: &[String], flag: &str, variable: &str) -> bool {
    let flagged = options
        .iter()
        .any(|option| option.split('=').next() == Some(flag));
    flagged || env::var_os(variable).is_some()
}
