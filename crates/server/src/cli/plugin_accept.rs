use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use jackfield_plugin_host::bundle::{self, Install, Plan};

use super::consent::{ConsentFlags, describe};
use super::plugins_dir::{PluginsDir, now, program};

/// A library that lies in the plugins folder.
#[derive(Args)]
pub struct AcceptArgs {
    /// The library, by its path in the plugins folder or from here.
    library: PathBuf,
    #[command(flatten)]
    consent: ConsentFlags,
    #[command(flatten)]
    dir: PluginsDir,
}

/// Takes a library as it lies there, without a bundle: for those who build it themselves.
///
/// # Errors
///
/// When it is no plugin, or nobody agrees.
pub fn run(args: AcceptArgs) -> anyhow::Result<()> {
    let mut file = args.dir.lock()?;
    let (path, inside) = locate(file.dir(), &args.library)?;
    let describing = bundle::describe(&path, None);
    let described = super::runtime()?.block_on(describing)?;
    let plan = Plan::of_library(&described.manifest, &file.lock)?;
    if let Some(installed) = file.lock.plugin(&plan.name) {
        ensure!(
            !installed.is_bundle(),
            "{} {} is installed from a bundle; remove it first with `jackfield plugin remove {}`",
            installed.name,
            installed.version,
            installed.name
        );
    }
    println!("{}\n", describe(&plan, &described.manifest, "nobody"));
    let (granted, consent) = args.consent.obtain(&plan)?;
    let install = Install {
        plan: &plan,
        granted: granted.clone(),
        consent,
        at: now(),
        by: program(),
    };
    install.library(&inside, &described, &mut file)?;
    println!(
        "{} {} is accepted as it is, with {granted}.",
        plan.name, plan.version
    );
    Ok(())
}

/// Where the library is, and its path in the plugins folder.
fn locate(dir: &Path, given: &Path) -> anyhow::Result<(PathBuf, String)> {
    let path = match dir.join(given) {
        inside if inside.is_file() => inside,
        _ => given.to_owned(),
    };
    let found = path
        .canonicalize()
        .with_context(|| given.display().to_string())?;
    let parent = path.parent().unwrap_or(Path::new("."));
    let folder = parent
        .canonicalize()
        .with_context(|| given.display().to_string())?;
    let dir = dir.canonicalize()?;
    let inside = folder
        .strip_prefix(&dir)
        .ok()
        .filter(|folder| folder.components().count() <= 1);
    let inside = inside.with_context(|| {
        format!(
            "{} is not where plugins are looked for: in {} or a folder in it",
            given.display(),
            dir.display()
        )
    })?;
    let name = path.file_name().context("a library has a name")?;
    Ok((found, inside.join(name).to_string_lossy().into_owned()))
}
