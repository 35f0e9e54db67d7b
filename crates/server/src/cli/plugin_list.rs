use jackfield_plugin_host::{Host, PluginStatus};

use crate::config::Config;
use crate::start::{egress, host_config};

/// Loads the plugins and lists them, with the reason for each that cannot be loaded.
///
/// # Errors
///
/// When outgoing connections cannot be set up.
pub fn run(config: Config) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let host = Host::open(host_config(&config, egress(&config)?)).await;
            for plugin in host.plugins() {
                let what = match plugin.status() {
                    PluginStatus::Ready => plugin.node_types().collect::<Vec<_>>().join(", "),
                    PluginStatus::Failed => plugin.error().unwrap_or_default().to_owned(),
                };
                let status = if plugin.status() == PluginStatus::Ready {
                    "ready"
                } else {
                    "failed"
                };
                println!(
                    "{}\t{}\t{status}\t{what}",
                    plugin.name(),
                    plugin.version().unwrap_or("-")
                );
            }
            Ok(())
        })
}
