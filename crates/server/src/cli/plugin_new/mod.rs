//! `jackfield plugin new`: a crate that builds, with everything that it needs beside crates.io.

mod name;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use name::PluginName;

/// What the plugin is called, and where it goes.
#[derive(Args)]
pub struct NewArgs {
    /// What the plugin is called: lower case letters, digits and hyphens, such as `acme-crm`. It is also the node type.
    name: PluginName,
    /// The folder to write; by default one with the plugin's name, here. It must not exist.
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
}

/// The sources of the SDK, by path below `vendor/`.
const VENDOR: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/vendor.rs"));

/// The new crate's own files.
const TEMPLATE: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("template/Cargo.toml.txt")),
    ("README.md", include_str!("template/README.md")),
    (".gitignore", include_str!("template/gitignore.txt")),
    ("src/lib.rs", include_str!("template/src/lib.rs.txt")),
    ("src/greet.rs", include_str!("template/src/greet.rs.txt")),
    (
        "src/repository.rs",
        include_str!("template/src/repository.rs.txt"),
    ),
    (
        "src/examples.json",
        include_str!("template/src/examples.json"),
    ),
    (
        "src/fixtures/repository.json",
        include_str!("template/src/fixtures/repository.json"),
    ),
];

/// Writes a crate of a new plugin and says what to do next.
///
/// # Errors
///
/// When the folder exists or cannot be written.
pub fn run(args: NewArgs) -> anyhow::Result<()> {
    let folder = args
        .path
        .unwrap_or_else(|| PathBuf::from(args.name.as_str()));
    if folder.symlink_metadata().is_ok() {
        bail!(
            "{} exists already; choose another name, or another folder with --path",
            folder.display()
        );
    }
    write(&folder, &args.name)?;
    super::print(&format!(
        "Wrote the plugin {name} into {folder}. Next:\n\n    cd {folder}\n    cargo test\n    jackfield plugin pack .\n\n\
         README.md says how to run it.\n",
        name = args.name.as_str(),
        folder = folder.display(),
    ))
}

fn write(folder: &Path, name: &PluginName) -> anyhow::Result<()> {
    let (title, version) = (name.title(), env!("CARGO_PKG_VERSION"));
    for (path, text) in TEMPLATE {
        let text = text
            .replace("{{name}}", name.as_str())
            .replace("{{title}}", &title)
            .replace("{{library}}", &name.as_str().replace('-', "_"))
            .replace("{{version}}", version);
        put(&folder.join(path), &text)?;
    }
    for (path, text) in VENDOR {
        put(&folder.join("vendor").join(path), text)?;
    }
    Ok(())
}

fn put(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(file, text).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_whole_and_an_existing_folder_is_left_alone() {
        let scratch = std::env::temp_dir().join(format!("jackfield-new-{}", std::process::id()));
        let new = || NewArgs {
            name: "acme-crm".parse().unwrap(),
            path: Some(scratch.clone()),
        };
        run(new()).unwrap();
        let read = |file: &str| fs::read_to_string(scratch.join(file)).unwrap();
        for (path, _) in TEMPLATE {
            assert!(
                !read(path).contains("{{name}}") && !read(path).contains("{{title}}"),
                "{path}"
            );
        }
        assert!(read("src/lib.rs").contains("Operations::new(\"acme-crm\""));
        assert!(read("README.md").contains("libjackfield_plugin_acme_crm"));
        for name in ["abi", "sdk", "sdk-derive"] {
            let manifest = read(&format!("vendor/jackfield-plugin-{name}/Cargo.toml"));
            assert!(!manifest.contains("workspace"), "{manifest}");
        }
        let error = run(new()).unwrap_err().to_string();
        assert!(error.contains("exists already"), "{error}");
        fs::remove_dir_all(&scratch).unwrap();
    }
}
