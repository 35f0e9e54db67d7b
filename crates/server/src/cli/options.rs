use std::path::PathBuf;

use clap::Args;

use crate::config::{self, Config, ConfigError, Overrides};

/// The options that override the configuration.
#[derive(Args, Default)]
pub struct Options {
    /// The configuration file; ./jackfield.toml by default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address and port to serve HTTP on.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The folder for the embedded database and generated keys.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The folder in which plugins are looked for.
    #[arg(long, value_name = "DIR")]
    plugins: Option<String>,
    /// sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The URL under which the world reaches this server.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Options {
    /// The configuration with these options on top.
    ///
    /// # Errors
    ///
    /// When a key is unknown or a value cannot be used.
    pub fn load(self) -> Result<Config, ConfigError> {
        let flags = [
            ("listen", self.listen),
            ("data_dir", self.data_dir),
            ("plugins", self.plugins),
            ("database_url", self.database_url),
            ("public_url", self.public_url),
        ];
        let given: Overrides = flags
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect();
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        config::load(self.config.as_deref(), variables, given)
    }
}
