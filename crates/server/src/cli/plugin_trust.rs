use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use clap::Args;
use jackfield_plugin_host::trust::{PublicKey, Signer};

use super::plugins_dir::PluginsDir;

/// A key to trust, or none to list them.
#[derive(Args)]
pub struct TrustArgs {
    /// A public key of minisign: its 56 characters, or a .pub file.
    key: Option<String>,
    /// What you call whoever holds it.
    #[arg(long, requires = "key")]
    name: Option<String>,
    /// List the keys that are trusted; so does no argument at all.
    #[arg(long, conflicts_with = "key")]
    list: bool,
    /// Trust this key, by name or by its characters, no longer; plugins that it signed are not loaded any more.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["key", "list"])]
    remove: Option<String>,
    #[command(flatten)]
    dir: PluginsDir,
}

/// Trusts a key, trusts one no longer, or lists them.
///
/// # Errors
///
/// When it is no key, or the lock cannot be used.
pub fn run(args: TrustArgs) -> anyhow::Result<()> {
    match (&args.key, &args.remove) {
        (Some(key), _) => add(&args, key),
        (None, Some(name)) => remove(&args.dir, name),
        (None, None) => list(&args.dir),
    }
}

fn add(args: &TrustArgs, given: &str) -> anyhow::Result<()> {
    let (key, stem) = read(given)?;
    let name = args
        .name
        .clone()
        .or(stem)
        .context("give the key a name with --name")?;
    ensure!(!name.trim().is_empty(), "--name must not be empty");
    let mut file = args.dir.lock()?;
    let mut signers = file.lock.signers.iter();
    if let Some(taken) = signers.find(|signer| signer.name == name && signer.key != key) {
        bail!(
            "{name} is the name of another key, {}; choose another one",
            taken.key
        );
    }
    file.lock.signers.retain(|signer| signer.key != key);
    file.lock.signers.push(Signer {
        name: name.clone(),
        key: key.clone(),
    });
    file.save()?;
    println!("{name} is trusted: {key}");
    Ok(())
}

/// The key, and the name of its file when it came in one.
fn read(given: &str) -> anyhow::Result<(PublicKey, Option<String>)> {
    let path = Path::new(given);
    if !path.is_file() {
        let key = given.parse();
        let key = key.with_context(|| format!("there is no file {given}, and as a key"))?;
        return Ok((key, None));
    }
    let text = fs::read_to_string(path).with_context(|| format!("reading {given}"))?;
    let key = text.parse().with_context(|| given.to_owned())?;
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    Ok((key, stem))
}

fn remove(dir: &PluginsDir, name: &str) -> anyhow::Result<()> {
    let mut file = dir.lock()?;
    let signers = &file.lock.signers;
    let found = signers
        .iter()
        .find(|signer| signer.name == name || signer.key.as_str() == name);
    let signer = found
        .cloned()
        .with_context(|| format!("no trusted key is called {name}"))?;
    file.lock.signers.retain(|other| *other != signer);
    file.save()?;
    println!("{} is no longer trusted: {}", signer.name, signer.key);
    let plugins = file.lock.plugins.iter();
    for plugin in plugins.filter(|plugin| plugin.signer.as_ref() == Some(&signer.key)) {
        println!(
            "{} {} was signed with it and is not loaded any more",
            plugin.name, plugin.version
        );
    }
    Ok(())
}

fn list(dir: &PluginsDir) -> anyhow::Result<()> {
    let file = dir.lock()?;
    if file.lock.signers.is_empty() {
        println!("No key is trusted; `jackfield plugin trust KEY --name WHO` trusts one.");
    }
    for signer in &file.lock.signers {
        println!("{}\t{}", signer.name, signer.key);
    }
    Ok(())
}
