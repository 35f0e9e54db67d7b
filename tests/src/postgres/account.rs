//! The account that PostgreSQL runs as.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// The account that the server runs as: it refuses to be root.
#[derive(Clone, Copy)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Account {
    pub(super) fn for_postgres(own_folder: &Path) -> Result<Self> {
        let owner = fs::metadata(own_folder)?;
        if owner.uid() != 0 {
            return Ok(Self {
                user: owner.uid(),
                group: owner.gid(),
            });
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let named = |name| accounts.lines().find_map(|line| Self::parse(line, name));
        named("postgres")
            .or_else(|| named("nobody"))
            .context("neither postgres nor nobody is in /etc/passwd")
    }

    fn parse(line: &str, name: &str) -> Option<Self> {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        Some(Self {
            user: fields.nth(1)?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    }

    pub(super) fn command(self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.uid(self.user).gid(self.group).current_dir("/");
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_its_line() {
        let account = Account::parse(
            "postgres:x:108:115:,,,:/var/lib/postgresql:/bin/bash",
            "postgres",
        )
        .unwrap();
        assert_eq!((account.user, account.group), (108, 115));
        assert!(Account::parse("postgres2:x:108:115:,,,:/:/bin/sh", "postgres").is_none());
    }
}
