use clap::Args;
use jackfield_plugin_host::bundle;

use super::plugins_dir::PluginsDir;

/// A plugin to remove.
#[derive(Args)]
pub struct RemoveArgs {
    /// The plugin.
    name: String,
    #[command(flatten)]
    dir: PluginsDir,
}

/// Removes a plugin: its grants, and its files when it came as a bundle.
///
/// # Errors
///
/// When it is not installed, or something cannot be written.
pub fn run(args: RemoveArgs) -> anyhow::Result<()> {
    let mut file = args.dir.lock()?;
    let plugin = bundle::remove(&args.name, &mut file)?;
    println!("{} {} is removed.", plugin.name, plugin.version);
    if !plugin.is_bundle() {
        for library in plugin.libraries.values() {
            println!(
                "Its file is still there and is not loaded any more: {}",
                library.file
            );
        }
    }
    Ok(())
}
