//! The configuration: read from four layers, checked once, then only passed around as typed values.

mod database;
mod issuer;
mod layers;
mod log;
mod origins;
mod plugin_limits;
mod secret;
mod variables;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use jackfield_plugin_host::PluginLimits;
use jackfield_storage::retention::Retention;
use url::Url;

pub use database::database_url;
pub use issuer::IssuerConfig;
pub use layers::{ConfigError, Overrides, load};
pub use log::LogFormat;
pub use origins::AllowedOrigins;
pub use secret::Secret;

/// The commented default, which documents every key.
pub const DEFAULT: &str = include_str!("jackfield.toml");

/// Where plugins run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// Each plugin in a sandboxed child process.
    Process,
    /// Plugins inside the server's own process.
    InProcess,
}

/// What to do with plugins that carry no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum UnsignedPlugins {
    /// Load them.
    Allow,
    /// List them as failed.
    Refuse,
}

/// A configuration that has been checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to serve HTTP on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The URL under which the world reaches this server, when it is not the listen address.
    pub public_url: Option<Url>,
    /// The folder for the embedded database and generated keys.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`; may carry a password.
    pub database_url: Secret,
    /// The configured master key, base64; generated in the data directory when absent.
    pub master_key: Option<Secret>,
    /// The folder in which plugins are looked for.
    pub plugins: PathBuf,
    /// Where plugins run.
    pub isolation: Isolation,
    /// What to do with plugins that carry no signature.
    pub unsigned_plugins: UnsignedPlugins,
    /// What the process of a plugin may use.
    pub plugin_limits: PluginLimits,
    /// Address ranges that may be reached besides public addresses.
    pub egress_allow: Vec<IpNet>,
    /// The configured secret of session tokens; generated in the data directory when absent.
    pub session_secret: Option<Secret>,
    /// Origins whose pages may open a WebSocket here.
    pub allowed_origins: AllowedOrigins,
    /// Whether clients may read the schema, and the GraphiQL page is served.
    pub introspection: bool,
    /// Identity providers whose JWTs are accepted.
    pub issuers: Vec<IssuerConfig>,
    /// The manifest of trusted documents.
    pub trusted_documents: Option<PathBuf>,
    /// Whether no other documents are executed.
    pub only_trusted_documents: bool,
    /// How long a query may take.
    pub query_timeout: Duration,
    /// How many points of cost one principal may spend in a minute; absent without a limit.
    pub cost_per_minute: Option<NonZeroU32>,
    /// The largest request body in bytes.
    pub max_body_bytes: usize,
    /// The largest data of one published event in bytes.
    pub max_event_bytes: usize,
    /// How long a connection may take to send the head of a request.
    pub header_timeout: Duration,
    /// How long a request may take to send its body.
    pub body_timeout: Duration,
    /// Proxies whose word is taken for where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// For how long the events of a hook are recognised when they are sent again.
    pub hook_dedupe_window: Duration,
    /// How many requests a second a hook takes that says nothing of it.
    pub hook_requests_per_second: Option<u32>,
    /// How long an inbound webhook waits for a run that it asked to answer.
    pub respond_timeout: Duration,
    /// How long the runs of a server that died are left to it.
    pub run_lease: Duration,
    /// How often the providers of connected apps are asked about them; zero never asks.
    pub app_check_interval: Duration,
    /// How long to wait after each attempt at a delivery that has failed.
    pub webhook_retries: Vec<Duration>,
    /// How long nothing may arrive at a webhook endpoint before it is made inactive.
    pub webhook_give_up: Duration,
    /// How long history is kept.
    pub retention: Retention,
    /// Directives of what to log.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// `JACKFIELD_*` variables that set nothing.
    pub unknown_variables: Vec<String>,
}
