//! `unsafe` lives in four crates.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::members::{members, root};

const MAY_BE_UNSAFE: &[&str] = &[
    "crates/allocator",
    "crates/plugin-abi",
    "crates/plugin-sdk",
    "crates/plugin-host",
];

#[test]
fn the_others_take_the_lints_of_the_workspace_and_lift_none_of_them() -> Result<()> {
    for member in members()?
        .into_iter()
        .filter(|member| !MAY_BE_UNSAFE.contains(&&*member.folder))
    {
        let folder = root().join(&member.folder);
        let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has lints of its own",
            member.folder
        );
        check(&folder)?;
    }
    Ok(())
}

/// Looks for the lint's name, which a file must write to lift it.
fn check(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            check(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let lifted = fs::read_to_string(&path)?.contains(concat!("unsafe", "_code"));
            assert!(!lifted, "{} lifts the lint on unsafe code", path.display());
        }
    }
    Ok(())
}
