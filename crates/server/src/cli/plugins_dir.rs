use std::path::PathBuf;

use clap::Args;
use jackfield_plugin_host::trust::LockFile;
use jackfield_storage::Clock;

use crate::config::{self, Config};

/// Where the plugins are.
#[derive(Args)]
pub struct PluginsDir {
    /// The configuration file; ./jackfield.toml by default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the plugins; the configured one by default.
    #[arg(long, value_name = "DIR")]
    plugins: Option<String>,
}

impl PluginsDir {
    /// The configuration, for its folder of plugins.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be used.
    pub fn load(&self) -> anyhow::Result<Config> {
        let flags = self.plugins.clone().map(|dir| ("plugins", dir));
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let flags = flags.into_iter().collect();
        Ok(config::load(self.config.as_deref(), variables, flags)?)
    }

    /// The lock of the folder, for a change.
    ///
    /// # Errors
    ///
    /// When the configuration or the lock cannot be used.
    pub fn lock(&self) -> anyhow::Result<LockFile> {
        Ok(LockFile::open(&self.load()?.plugins)?)
    }
}

/// When something is decided, for the lock.
pub fn now() -> String {
    Clock::system().now().to_string()
}

/// Who writes the lock.
pub fn program() -> String {
    format!("jackfield {}", env!("CARGO_PKG_VERSION"))
}
