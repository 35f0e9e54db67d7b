use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use clap::Args;
use jackfield_plugin_host::bundle::{self, Contents, SigningKey, SigningKeyError};
use jackfield_plugin_host::trust::Triple;

use super::plugin_keygen::PASSWORD;

/// What goes into a bundle.
#[derive(Args)]
pub struct PackArgs {
    /// A Rust crate of a plugin, or a folder with lib/<triple>/<library> for each platform or one library.
    dir: PathBuf,
    /// Take this library instead: FILE for this machine's platform, TRIPLE=FILE for another. As often as there are platforms.
    #[arg(long, value_name = "[TRIPLE=]FILE")]
    library: Vec<String>,
    /// Build the crate for this platform too.
    #[arg(long, value_name = "TRIPLE")]
    target: Vec<Triple>,
    /// Sign with this secret key of minisign.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The file to write; <name>-<version>.jackfield here by default.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Packs a plugin into a bundle.
///
/// # Errors
///
/// When it cannot be built, does not say what it is, or would be refused by those who install it.
pub fn run(args: PackArgs) -> anyhow::Result<()> {
    let key = args.key.as_deref().map(signing_key).transpose()?;
    let libraries = libraries(&args)?;
    let here = Triple::here();
    let Some(library) = libraries.get(&here) else {
        bail!(
            "to read what the plugin is, a library for this machine ({here}) has to be among those to pack"
        );
    };
    let described = super::runtime()?.block_on(bundle::describe(library, None))?;
    let contents = Contents {
        manifest: described.json,
        libraries: read_libraries(&libraries)?,
        files: read_files(&args.dir)?,
    };
    let packed = contents.pack(key.as_ref())?;
    let out = args.out.unwrap_or_else(|| PathBuf::from(&packed.file_name));
    fs::write(&out, &packed.bytes)
        .with_context(|| format!("{} cannot be written", out.display()))?;
    println!("{}  {} bytes", out.display(), packed.bytes.len());
    for triple in libraries.keys() {
        println!("  for        {triple}");
    }
    match &key {
        Some(key) => println!("  signed by  {}", key.public()),
        None => {
            println!("  not signed: who installs it has to add --allow-unsigned; --key signs it")
        }
    }
    Ok(())
}

fn signing_key(file: &Path) -> anyhow::Result<SigningKey> {
    let shown = || file.display().to_string();
    let text = fs::read_to_string(file).with_context(shown)?;
    let given = std::env::var(PASSWORD).ok();
    match SigningKey::read(&text, given) {
        Err(SigningKeyError::PasswordNeeded) if stdin().is_terminal() => {
            let password = rpassword::prompt_password(format!("Password of {}: ", file.display()))?;
            SigningKey::read(&text, Some(password)).with_context(shown)
        }
        Err(SigningKeyError::PasswordNeeded) => {
            bail!(
                "{} is protected by a password, and there is no terminal to ask for it on: set {PASSWORD}",
                file.display()
            )
        }
        key => key.with_context(shown),
    }
}

/// The library for each platform.
fn libraries(args: &PackArgs) -> anyhow::Result<BTreeMap<Triple, PathBuf>> {
    if !args.library.is_empty() {
        let named = args.library.iter().map(|text| match text.split_once('=') {
            Some((triple, file)) => Ok((
                triple.parse().map_err(anyhow::Error::msg)?,
                PathBuf::from(file),
            )),
            None => Ok((Triple::here(), PathBuf::from(text))),
        });
        return named.collect();
    }
    let mut found = prebuilt(&args.dir)?;
    if args.dir.join("Cargo.toml").is_file() {
        found.insert(Triple::here(), build(&args.dir, None)?);
        for triple in &args.target {
            found.insert(triple.clone(), build(&args.dir, Some(triple))?);
        }
    } else if found.is_empty() {
        found.insert(
            Triple::here(),
            only_library(&args.dir)?.with_context(|| {
                format!(
                    "{} is no crate and holds no library, neither in lib/<triple> nor itself",
                    args.dir.display()
                )
            })?,
        );
    }
    Ok(found)
}

fn prebuilt(dir: &Path) -> anyhow::Result<BTreeMap<Triple, PathBuf>> {
    let mut found = BTreeMap::new();
    let lib = dir.join("lib");
    if !lib.is_dir() {
        return Ok(found);
    }
    for folder in entries(&lib)? {
        let name = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if let (Ok(triple), true) = (name.parse(), folder.is_dir())
            && let Some(file) = only_library(&folder)?
        {
            found.insert(triple, file);
        }
    }
    Ok(found)
}

/// The library in a folder, when there is exactly one.
fn only_library(folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    let is_library = |file: &PathBuf| {
        let extension = file.extension().unwrap_or_default();
        (extension == "so" || extension == "dylib") && file.is_file()
    };
    let mut found: Vec<_> = entries(folder)?.into_iter().filter(is_library).collect();
    ensure!(
        found.len() < 2,
        "{} holds several libraries; choose with --library",
        folder.display()
    );
    Ok(found.pop())
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Builds the crate in the release profile and returns its library.
fn build(dir: &Path, target: Option<&Triple>) -> anyhow::Result<PathBuf> {
    let manifest = dir.join("Cargo.toml").canonicalize()?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "build",
        "--release",
        "--lib",
        "--message-format=json-render-diagnostics",
    ]);
    cargo
        .arg("--manifest-path")
        .arg(&manifest)
        .stderr(Stdio::inherit());
    if let Some(target) = target {
        cargo.args(["--target", target.as_str()]);
    }
    let output = cargo.output().context("starting cargo")?;
    ensure!(
        output.status.success(),
        "cargo build --release ended with {}",
        output.status
    );
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut built = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let library = built.find_map(|message| cdylib(&message, &manifest));
    library.with_context(|| {
        format!(
            "{} builds no library: set crate-type = [\"cdylib\"] under [lib]",
            manifest.display()
        )
    })
}

/// The library that a message of cargo tells of, if it is that of this crate.
fn cdylib(message: &serde_json::Value, manifest: &Path) -> Option<PathBuf> {
    let ours = message["reason"] == "compiler-artifact"
        && message["manifest_path"].as_str().map(Path::new) == Some(manifest);
    let kinds = message["target"]["crate_types"].as_array()?;
    if !ours || !kinds.iter().any(|kind| kind == "cdylib") {
        return None;
    }
    let files = message["filenames"].as_array()?.iter();
    let mut files = files.filter_map(|file| file.as_str().map(PathBuf::from));
    files.find(|file| {
        matches!(
            file.extension().and_then(|end| end.to_str()),
            Some("so" | "dylib")
        )
    })
}

fn read_libraries(
    files: &BTreeMap<Triple, PathBuf>,
) -> anyhow::Result<BTreeMap<Triple, (String, Vec<u8>)>> {
    let read = |(triple, file): (&Triple, &PathBuf)| {
        let name = file.file_name().context("a library has a name")?;
        let bytes = fs::read(file).with_context(|| file.display().to_string())?;
        Ok((triple.clone(), (name.to_string_lossy().into_owned(), bytes)))
    };
    files.iter().map(read).collect()
}

/// What people read: `README.md`, `icon.svg` and every licence.
fn read_files(dir: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for file in entries(dir)? {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let wanted = matches!(
            name.as_str(),
            "README.md" | "icon.svg" | "COPYING" | "NOTICE"
        ) || name.starts_with("LICENSE");
        if wanted && file.is_file() {
            let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
            files.insert(name, bytes);
        }
    }
    Ok(files)
}
