//! The files of a new cluster: made once with each build, and copied for each test.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::account::Account;

/// Makes `data` the directory of an empty cluster of these binaries. `initdb` takes a second, the copy of what it made a tenth.
pub(super) fn copy_of_kept(binaries: &Path, data: &Path, account: Account) -> Result<()> {
    let kept = kept(binaries, account)?;
    if !kept.is_dir() {
        keep(binaries, &kept, account)?;
    }
    copy(&kept, data)
}

/// Where an untouched cluster lies: beside the executables of this build, for each version and account.
fn kept(binaries: &Path, account: Account) -> Result<PathBuf> {
    let executable = env::current_exe()?;
    let folder = executable
        .parent()
        .context("an executable lies in a directory")?;
    let version = Command::new(binaries.join("postgres"))
        .arg("--version")
        .output()?
        .stdout;
    let version = String::from_utf8(version)?;
    let version = version
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .context("PostgreSQL tells its version")?;
    Ok(folder.join(format!("postgres-{version}-{}", account.user)))
}

/// Several tests may get here at once: each makes its own, and the first to rename it has made what all the others use.
fn keep(binaries: &Path, kept: &Path, account: Account) -> Result<()> {
    let scratch = TempDir::with_prefix("jackfield-postgres-")?;
    std::os::unix::fs::chown(scratch.path(), Some(account.user), Some(account.group))?;
    let made = scratch.path().join("data");
    // The usual sixteen megabytes of a log would be almost half of what is copied for each test.
    initialise(binaries, &made, account, &["--wal-segsize=1"])?;
    let beside = kept.with_extension(format!("{}.new", std::process::id()));
    copy(&made, &beside)?;
    if fs::rename(&beside, kept).is_err() {
        fs::remove_dir_all(&beside)?;
    }
    ensure!(kept.is_dir(), "{} cannot be written", kept.display());
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let output = Command::new("cp")
        .args(["-a", "--reflink=auto"])
        .arg(from)
        .arg(to)
        .output()?;
    ensure!(
        output.status.success(),
        "cp: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Makes `data` the directory of an empty cluster, as `initdb` does with these options.
pub(super) fn initialise(
    binaries: &Path,
    data: &Path,
    account: Account,
    options: &[&str],
) -> Result<()> {
    let output = account
        .command(binaries.join("initdb"))
        .arg("-D")
        .arg(data)
        .args([
            "--username=jackfield",
            "--auth=trust",
            "--locale=C",
            "--encoding=UTF8",
        ])
        .args(["--no-sync", "--no-instructions"])
        .args(options)
        .output()?;
    ensure!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
