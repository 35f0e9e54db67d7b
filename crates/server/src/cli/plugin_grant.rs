use anyhow::{Context, ensure};
use clap::Args;
use jackfield_plugin_host::trust::HostGrant;

use super::plugins_dir::PluginsDir;

/// What a plugin is granted, or not any more.
#[derive(Args)]
pub struct GrantArgs {
    /// The plugin.
    name: String,
    /// Hosts, separated by commas: api.example.com, *.example.com, or * for any.
    #[arg(long, value_name = "HOSTS", value_delimiter = ',')]
    hosts: Vec<HostGrant>,
    /// Capabilities, separated by commas.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    capabilities: Vec<String>,
    /// Take these away instead.
    #[arg(long)]
    revoke: bool,
    #[command(flatten)]
    dir: PluginsDir,
}

/// Changes what an installed plugin may do.
///
/// # Errors
///
/// When it is not installed, or has not what is to be taken away.
pub fn run(args: GrantArgs) -> anyhow::Result<()> {
    ensure!(
        !(args.hosts.is_empty() && args.capabilities.is_empty()),
        "name what with --hosts or --capabilities"
    );
    for name in &args.capabilities {
        let known = jackfield_plugin_host::messages::capability::ALL;
        ensure!(
            known.contains(&name.as_str()),
            "{name} is no capability; there is {}",
            known.join(", ")
        );
    }
    let mut file = args.dir.lock()?;
    let mut plugins = file.lock.plugins.iter_mut();
    let plugin = plugins
        .find(|plugin| plugin.name == args.name)
        .with_context(|| {
            format!(
                "{} is not in jackfield.lock; `jackfield plugin list` shows what is",
                args.name
            )
        })?;
    if args.revoke {
        for host in &args.hosts {
            ensure!(
                plugin.hosts.remove(host),
                "{} was not granted the host {host}",
                args.name
            );
        }
        for capability in &args.capabilities {
            ensure!(
                plugin.capabilities.remove(capability),
                "{} was not granted {capability}",
                args.name
            );
        }
    } else {
        plugin.hosts.extend(args.hosts);
        plugin.capabilities.extend(args.capabilities);
    }
    println!(
        "{} {} is granted {}.",
        plugin.name,
        plugin.version,
        plugin.granted()
    );
    file.save()?;
    Ok(())
}
