//! `cargo xtask dist`: the server and every plugin, laid out as an installation has them.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cargo::{cargo, output, plugins, succeed, target_dir};

/// Builds the server in the release profile and the plugins in theirs, and returns the directory that holds `jackfield`,
/// `plugins/<name>/<library>` and a `plugins/jackfield.lock` that vouches for what was built just now.
pub fn run() -> Result<PathBuf> {
    let plugins = plugins()?;
    succeed(&mut cargo(["build", "--release", "--package=jackfield"])?)?;
    let packages: Vec<String> = plugins
        .iter()
        .map(|name| format!("--package=jackfield-plugin-{name}"))
        .collect();
    let arguments = ["build", "--profile=plugin"].into_iter();
    succeed(&mut cargo(
        arguments.chain(packages.iter().map(String::as_str)),
    )?)?;

    let built = target_dir()?;
    let dist = built.join("dist");
    remove(&dist.join("plugins"))?;
    place(&built.join("release/jackfield"), &dist)?;
    for name in &plugins {
        let library = format!(
            "{DLL_PREFIX}jackfield_plugin_{}{DLL_SUFFIX}",
            name.replace('-', "_")
        );
        let folder = dist.join("plugins").join(name);
        place(&built.join("plugin").join(&library), &folder)?;
        accept(&dist, &format!("{name}/{library}"))?;
    }
    Ok(dist)
}

/// Writes a library into the lock, with all that it asks for: it is ours.
fn accept(dist: &Path, library: &str) -> Result<()> {
    let mut jackfield = Command::new(dist.join("jackfield"));
    jackfield.args(["plugin", "accept", "--yes", library, "--plugins"]);
    // Its output is for operators; when something is wrong it speaks on standard error.
    output(jackfield.arg(dist.join("plugins"))).map(drop)
}

/// Copies a file into a folder beside the name it gets, then renames: a server that runs from there keeps its own.
fn place(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file has a name")?;
    let copy = folder.join(name).with_extension("new");
    fs::create_dir_all(folder)?;
    fs::copy(file, &copy).with_context(|| format!("copying {}", file.display()))?;
    fs::rename(&copy, folder.join(name))?;
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}
