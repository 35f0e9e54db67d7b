//! `cargo xtask dist`: the server and every plugin, laid out as an installation has them.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cargo::{cargo, plugins, succeed, target_dir};

/// Builds in the release profile and returns the directory that holds `jackfield` and `plugins/<name>/<library>`.
pub fn run() -> Result<PathBuf> {
    let plugins = plugins()?;
    let packages: Vec<String> = plugins
        .iter()
        .map(|name| format!("--package=jackfield-plugin-{name}"))
        .collect();
    let arguments = ["build", "--release", "--package=jackfield"].into_iter();
    succeed(&mut cargo(
        arguments.chain(packages.iter().map(String::as_str)),
    )?)?;

    let release = target_dir()?.join("release");
    let dist = target_dir()?.join("dist");
    remove(&dist.join("plugins"))?;
    place(&release.join("jackfield"), &dist)?;
    for name in plugins {
        let library = format!(
            "{DLL_PREFIX}jackfield_plugin_{}{DLL_SUFFIX}",
            name.replace('-', "_")
        );
        place(&release.join(library), &dist.join("plugins").join(name))?;
    }
    Ok(dist)
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
