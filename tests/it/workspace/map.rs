//! The pages that describe the workspace name what exists, and nothing else.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::members::{members, root};

/// Pages whose paths in backticks must exist.
const PAGES: &[&str] = &["ARCHITECTURE.md", "README.md"];
/// A path in backticks starts with one of these, or ends like a file of ours.
const FOLDERS: &[&str] = &[
    "crates/",
    "plugins/",
    "migrations/",
    "tests/",
    "clients/",
    "docs/",
    ".ci/",
    ".cargo/",
    ".config/",
];
const ENDINGS: &[&str] = &[".rs", ".md", ".graphql", ".h"];

#[test]
fn the_architecture_page_names_every_member() -> Result<()> {
    let page = read("ARCHITECTURE.md")?;
    for member in members()? {
        let named = in_backticks(&page).any(|name| name.trim_end_matches('/') == member.folder);
        assert!(named, "ARCHITECTURE.md does not name `{}`", member.folder);
    }
    Ok(())
}

#[test]
fn every_path_that_a_page_names_exists() -> Result<()> {
    for page in PAGES {
        for path in in_backticks(&read(page)?).filter(|quoted| is_path(quoted)) {
            assert!(
                root().join(path).exists(),
                "{page} names `{path}`, which does not exist"
            );
        }
    }
    Ok(())
}

fn read(page: &str) -> Result<String> {
    fs::read_to_string(root().join(page)).with_context(|| format!("reading {page}"))
}

/// The inline code of a Markdown page; its indented and fenced blocks are left out.
fn in_backticks(page: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    let prose = page.lines().filter(move |line| {
        fenced ^= line.trim_start().starts_with("```");
        !fenced && !line.starts_with("    ")
    });
    prose.flat_map(|line| line.split('`').skip(1).step_by(2))
}

fn is_path(quoted: &str) -> bool {
    let plain = !quoted.contains([' ', '<', '{', '*', ':', '…']);
    let ours = FOLDERS.iter().any(|folder| quoted.starts_with(folder));
    let file =
        ENDINGS.iter().any(|ending| quoted.ends_with(ending)) && Path::new(quoted).is_relative();
    plain && (ours || file)
}
