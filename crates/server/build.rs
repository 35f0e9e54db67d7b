//! Puts the sources of the plugin SDK into the binary, for `jackfield plugin new`: the SDK is no crate of a registry, and
//! who writes a plugin has no checkout of this repository.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The crates that a plugin needs, by their folder.
const CRATES: [&str; 3] = ["plugin-abi", "plugin-sdk", "plugin-sdk-derive"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let workspace: Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let mut files = BTreeMap::new();
    for name in CRATES {
        let folder = root.join("crates").join(name);
        let manifest = vendored(&folder, &workspace)?;
        let target = format!("jackfield-{name}");
        files.insert(format!("{target}/Cargo.toml"), manifest);
        collect(&folder.join("src"), &format!("{target}/src"), &mut files)?;
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let license = fs::read_to_string(root.join("LICENSE-MIT"))?;
    files.insert("LICENSE-MIT".to_owned(), license);
    println!(
        "cargo::rerun-if-changed={}",
        root.join("Cargo.toml").display()
    );

    let mut generated = String::from("&[\n");
    for (path, text) in files {
        generated.push_str(&format!("({path:?}, {text:?}),\n"));
    }
    generated.push(']');
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    Ok(fs::write(out.join("vendor.rs"), generated)?)
}

fn collect(
    folder: &Path,
    target: &str,
    files: &mut BTreeMap<String, String>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or("a file name is UTF-8")?;
        let target = format!("{target}/{name}");
        match path.is_dir() {
            true => collect(&path, &target, files)?,
            false => {
                files.insert(target, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(())
}

/// A crate's manifest as it has to be outside of the workspace: what it inherits written out, without what only the
/// workspace needs.
fn vendored(folder: &Path, workspace: &Table) -> Result<String, Box<dyn Error>> {
    let mut manifest: Table = fs::read_to_string(folder.join("Cargo.toml"))?.parse()?;
    for alien in ["lints", "dev-dependencies", "example", "test", "bench"] {
        manifest.remove(alien);
    }
    let shared = table(workspace, "workspace")?;
    let package = manifest
        .get_mut("package")
        .and_then(Value::as_table_mut)
        .ok_or("a package")?;
    for (key, value) in package.iter_mut() {
        if is_inherited(value) {
            *value = table(shared, "package")?
                .get(key)
                .ok_or("an inherited key")?
                .clone();
        }
    }
    let dependencies = manifest
        .get_mut("dependencies")
        .and_then(Value::as_table_mut);
    for (name, value) in dependencies.into_iter().flatten() {
        if is_inherited(value) {
            let own = value.as_table().cloned().unwrap_or_default();
            *value = inherited(name, own, table(shared, "dependencies")?)?;
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn inherited(name: &str, own: Table, shared: &Table) -> Result<Value, Box<dyn Error>> {
    let mut dependency = match shared.get(name).ok_or("a shared dependency")? {
        Value::String(version) => {
            Table::from_iter([("version".to_owned(), Value::from(version.as_str()))])
        }
        other => other.as_table().ok_or("a dependency")?.clone(),
    };
    if dependency.contains_key("path") {
        dependency.insert("path".to_owned(), Value::from(format!("../{name}")));
    }
    for (key, value) in own {
        match (key.as_str(), dependency.get_mut(&key)) {
            ("workspace", _) => {}
            ("features", Some(Value::Array(features))) => {
                features.extend(value.as_array().cloned().unwrap_or_default())
            }
            _ => {
                dependency.insert(key, value);
            }
        }
    }
    Ok(Value::Table(dependency))
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn table<'a>(of: &'a Table, key: &str) -> Result<&'a Table, Box<dyn Error>> {
    of.get(key)
        .and_then(Value::as_table)
        .ok_or_else(|| format!("no table {key}").into())
}
