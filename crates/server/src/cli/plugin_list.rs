use jackfield_plugin_host::{Host, Plugin, PluginStatus};

use crate::config::Config;
use crate::start::{egress, host_config};

/// Loads the plugins and lists them, one line each with tabs between: name, version, status, isolation, signer, what it
/// was granted and its node types. For one that cannot be loaded the reason stands in the place of what it was granted.
///
/// # Errors
///
/// When outgoing connections cannot be set up.
pub fn run(config: Config) -> anyhow::Result<()> {
    super::runtime()?.block_on(async {
        let host = Host::open(host_config(&config, egress(&config)?)).await;
        let plugins = host.plugins();
        for plugin in &plugins {
            println!("{}", line(plugin));
        }
        if plugins.is_empty() {
            let dir = config.plugins.display();
            eprintln!("there are no plugins in {dir}: `jackfield plugin install` puts one there, `--plugins` names another folder");
        }
        Ok(())
    })
}

fn line(plugin: &Plugin) -> String {
    let grants = plugin.grants();
    let signer = grants.and_then(|grants| grants.signer.as_deref());
    let status = match plugin.status() {
        PluginStatus::Ready => "ready",
        PluginStatus::Failed => "failed",
        PluginStatus::Quarantined => "quarantined",
    };
    let mut cells = vec![
        plugin.name().to_owned(),
        plugin.version().unwrap_or("-").to_owned(),
        status.to_owned(),
        apart(plugin),
        match (grants, signer) {
            (Some(_), Some(name)) => format!("signed by {name}"),
            (Some(_), None) => "unsigned".to_owned(),
            (None, _) => "-".to_owned(),
        },
    ];
    match (grants, plugin.error()) {
        (Some(grants), _) => {
            cells.push(format!("may reach {}", hosts(grants)));
            let nodes: Vec<_> = plugin.node_types().collect();
            cells.push(nodes.join(", "));
        }
        (None, error) => cells.push(error.unwrap_or_default().to_owned()),
    }
    cells.join("\t")
}

/// How it is kept apart, and what is really in force, as the plugin's process found it.
fn apart(plugin: &Plugin) -> String {
    let isolation = plugin.isolation();
    match plugin.health().sandbox {
        Some(sandbox) => format!(
            "{isolation} (landlock {} v{}, seccomp {})",
            sandbox.landlock.as_str(),
            sandbox.landlock_abi,
            if sandbox.seccomp { "on" } else { "off" },
        ),
        None => isolation.to_string(),
    }
}

fn hosts(grants: &jackfield_plugin_host::Grants) -> String {
    let granted = &grants.granted;
    let hosts: Vec<_> = granted.hosts.iter().map(ToString::to_string).collect();
    let capabilities: Vec<_> = granted.capabilities.iter().cloned().collect();
    let hosts = match hosts.is_empty() {
        true => "no host".to_owned(),
        false => hosts.join(", "),
    };
    match capabilities.is_empty() {
        true => hosts,
        false => format!("{hosts}; may use {}", capabilities.join(", ")),
    }
}
