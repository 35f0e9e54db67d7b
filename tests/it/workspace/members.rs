//! The members of the workspace as cargo sees them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// One package of the workspace.
pub struct Member {
    /// Its folder from the root, such as `crates/storage`.
    pub folder: String,
    pub dependencies: Vec<Dependency>,
    /// The features that are on when nobody says otherwise.
    pub default_features: Vec<String>,
}

/// One line of a `[dependencies]` table.
pub struct Dependency {
    pub name: String,
    /// The folder of the member that it names, if it is one.
    pub member: Option<String>,
    pub optional: bool,
    /// The features that it asks for.
    pub features: Vec<String>,
    /// Whether only tests, examples and benchmarks see it.
    pub development: bool,
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests lies in the root")
        .to_owned()
}

/// All members, in the order of their folders.
pub fn members() -> Result<Vec<Member>> {
    let arguments = ["metadata", "--format-version=1", "--no-deps", "--offline"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut members = list(&metadata["packages"])?
        .iter()
        .map(member)
        .collect::<Result<Vec<_>>>()?;
    members.sort_by(|one, other| one.folder.cmp(&other.folder));
    Ok(members)
}

fn member(package: &Value) -> Result<Member> {
    let manifest = Path::new(text(&package["manifest_path"])?);
    let dependencies = list(&package["dependencies"])?
        .iter()
        .map(dependency)
        .collect::<Result<_>>()?;
    let default = package["features"]["default"]
        .as_array()
        .into_iter()
        .flatten();
    Ok(Member {
        folder: folder(manifest.parent().context("a manifest lies in a folder")?)?,
        dependencies,
        default_features: default
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    })
}

fn dependency(line: &Value) -> Result<Dependency> {
    Ok(Dependency {
        name: text(&line["name"])?.to_owned(),
        member: line["path"]
            .as_str()
            .map(|path| folder(Path::new(path)))
            .transpose()?,
        optional: line["optional"] == true,
        features: list(&line["features"])?
            .iter()
            .map(|feature| Ok(text(feature)?.to_owned()))
            .collect::<Result<_>>()?,
        development: line["kind"] == "dev",
    })
}

fn folder(path: &Path) -> Result<String> {
    Ok(path
        .strip_prefix(root())?
        .to_str()
        .context("folders have plain names")?
        .to_owned())
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("cargo metadata lists it")
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("cargo metadata names it")
}
