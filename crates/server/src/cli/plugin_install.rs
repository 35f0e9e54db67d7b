use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jackfield_plugin_host::bundle::{Allowances, Bundle, Install, Origin, Plan, Step};

use super::consent::{ConsentFlags, describe};
use super::plugins_dir::{PluginsDir, now, program};
use crate::config::UnsignedPlugins;

/// A bundle and what is allowed about it.
#[derive(Args)]
pub struct InstallArgs {
    /// The bundle, a file that ends with .jackfield.
    bundle: PathBuf,
    #[command(flatten)]
    consent: ConsentFlags,
    /// Take a bundle that is not signed, or signed with a key that is not trusted.
    #[arg(long)]
    allow_unsigned: bool,
    /// Go back to an earlier version.
    #[arg(long)]
    allow_downgrade: bool,
    /// Take a bundle that somebody else signed than the version that is installed.
    #[arg(long)]
    allow_signer_change: bool,
    /// Take other contents under the version that is installed.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    dir: PluginsDir,
}

/// Installs a bundle, once somebody agreed to what it asks for.
///
/// # Errors
///
/// When the bundle is not what it should be, or nobody agrees.
pub fn run(args: InstallArgs) -> anyhow::Result<()> {
    let shown = args.bundle.display();
    let bundle = Bundle::open(&args.bundle).with_context(|| shown.to_string())?;
    let config = args.dir.load()?;
    let mut file = args.dir.lock()?;
    let allowed = Allowances {
        unsigned: args.allow_unsigned || config.unsigned_plugins == UnsignedPlugins::Allow,
        downgrade: args.allow_downgrade,
        signer_change: args.allow_signer_change,
        replace: args.replace,
    };
    let plan = Plan::of_bundle(&bundle, &file.lock, allowed).with_context(|| shown.to_string())?;
    let origin = match bundle.origin(&file.lock)? {
        Origin::Signed(signer) => format!("{} ({})", signer.name, signer.key),
        Origin::Untrusted(_) => "a key that is not trusted".to_owned(),
        Origin::Unsigned => "nobody".to_owned(),
    };
    println!("{}\n", describe(&plan, &bundle.sheet().manifest, &origin));
    let (granted, consent) = args.consent.obtain(&plan)?;
    let denied = plan.asked.beyond(&granted);
    let install = Install {
        plan: &plan,
        granted: granted.clone(),
        consent,
        at: now(),
        by: program(),
    };
    install.bundle(&bundle, &mut file)?;
    let (name, version) = (&plan.name, &plan.version);
    match &plan.step {
        Step::Upgrade { from } | Step::Downgrade { from } => {
            println!("{name} {version} is installed in place of {from}, with {granted}.");
        }
        Step::New | Step::Again => println!("{name} {version} is installed, with {granted}."),
    }
    if !denied.is_empty() {
        println!("Not granted: {denied}.");
    }
    Ok(())
}
