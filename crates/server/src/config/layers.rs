use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Value};
use ipnet::IpNet;
use jackfield_graphql::guard::Limits;
use jackfield_storage::retention::Retention;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::{
    AllowedOrigins, Config, DEFAULT, Isolation, IssuerConfig, LogFormat, Secret, UnsignedPlugins,
    database_url, plugin_limits::plugin_limits, variables::Variables,
};

/// Keys given as flags, which override everything else.
pub type Overrides = Vec<(&'static str, String)>;

/// Why a configuration cannot be used. The message names the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file, a variable or a flag that does not fit.
    #[error("{0}")]
    Layer(String),
    /// A value that cannot be used.
    #[error("{key}: {problem}")]
    Invalid {
        /// The key as in the file.
        key: &'static str,
        /// What it must be.
        problem: String,
    },
    /// The file named by `--config` cannot be read.
    #[error("--config {}: the file does not exist", .0.display())]
    Missing(PathBuf),
}

impl ConfigError {
    pub(super) fn invalid(key: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            key,
            problem: problem.into(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    listen: String,
    public_url: Option<String>,
    data_dir: PathBuf,
    database_url: Option<Secret>,
    master_key: Option<Secret>,
    plugins: PathBuf,
    isolation: Isolation,
    unsigned_plugins: UnsignedPlugins,
    plugin_memory_bytes: u64,
    plugin_turn_timeout: String,
    plugin_idle_timeout: String,
    #[serde(deserialize_with = "list")]
    egress_allow: Vec<String>,
    session_secret: Option<Secret>,
    #[serde(deserialize_with = "list")]
    allowed_origins: Vec<String>,
    introspection: bool,
    #[serde(default)]
    issuers: Vec<IssuerConfig>,
    trusted_documents: Option<PathBuf>,
    only_trusted_documents: bool,
    query_timeout: String,
    cost_per_minute: u32,
    max_body_bytes: usize,
    max_event_bytes: usize,
    respond_timeout: String,
    header_timeout: String,
    body_timeout: String,
    #[serde(deserialize_with = "list")]
    trusted_proxies: Vec<String>,
    hook_dedupe_window: String,
    hook_requests_per_second: u32,
    run_lease: String,
    #[serde(deserialize_with = "list")]
    webhook_retries: Vec<String>,
    app_check_interval: String,
    webhook_give_up: String,
    keep_runs_days: u64,
    keep_runs_per_workflow: u64,
    keep_events_days: u64,
    keep_audit_days: u64,
    keep_credential_uses_days: u64,
    log: String,
    log_format: LogFormat,
}

/// Reads the configuration: the embedded default, then `./jackfield.toml` or the named file, then `JACKFIELD_*`
/// variables, then flags.
///
/// # Errors
///
/// When a file cannot be read, a key is unknown, or a value cannot be used.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
    flags: Overrides,
) -> Result<Config, ConfigError> {
    if let Some(file) = file.filter(|file| !file.is_file()) {
        return Err(ConfigError::Missing(file.to_owned()));
    }
    let flags: Dict = flags
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect();
    let variables = Variables::read(variables);
    Figment::new()
        .merge(Toml::string(DEFAULT))
        .merge(Toml::file(file.unwrap_or(Path::new("jackfield.toml"))))
        .merge(Serialized::globals(variables.layer))
        .merge(Serialized::globals(flags))
        .extract::<Raw>()
        .map_err(|error| ConfigError::Layer(describe(&error)))?
        .check(variables.unknown)
}

fn describe(error: &figment::Error) -> String {
    error
        .clone()
        .into_iter()
        .map(|error| {
            let place = error
                .metadata
                .as_ref()
                .map(|metadata| metadata.name.to_string());
            let place = place
                .filter(|name| name.contains("file"))
                .map_or_else(String::new, |name| format!(" in {name}"));
            match &error.kind {
                figment::error::Kind::UnknownField(key, _) => {
                    format!(
                        "unknown key `{key}`{place}; `jackfield config` prints every key there is"
                    )
                }
                kind => format!("{}: {kind}{place}", error.path.join(".")),
            }
        })
        .collect::<Vec<_>>()
        .join("; ")
}

impl Raw {
    fn check(self, unknown_variables: Vec<String>) -> Result<Config, ConfigError> {
        Ok(Config {
            listen: address(&self.listen)?,
            public_url: self.public_url.as_deref().map(public_url).transpose()?,
            database_url: database_url(self.database_url, &self.data_dir)?,
            data_dir: self.data_dir,
            master_key: self.master_key.filter(|key| !key.reveal().is_empty()),
            plugins: self.plugins,
            isolation: self.isolation,
            unsigned_plugins: self.unsigned_plugins,
            plugin_limits: plugin_limits(
                self.plugin_memory_bytes,
                &self.plugin_turn_timeout,
                &self.plugin_idle_timeout,
            )?,
            egress_allow: networks("egress_allow", &self.egress_allow)?,
            session_secret: self.session_secret.map(session_secret).transpose()?,
            allowed_origins: AllowedOrigins::from(self.allowed_origins),
            introspection: self.introspection,
            issuers: self.issuers,
            trusted_documents: trusted_documents(
                self.trusted_documents,
                self.only_trusted_documents,
            )?,
            only_trusted_documents: self.only_trusted_documents,
            query_timeout: duration("query_timeout", &self.query_timeout)?,
            cost_per_minute: cost_per_minute(self.cost_per_minute)?,
            max_body_bytes: self.max_body_bytes,
            max_event_bytes: event_bytes(self.max_event_bytes)?,
            respond_timeout: duration("respond_timeout", &self.respond_timeout)?,
            header_timeout: duration("header_timeout", &self.header_timeout)?,
            body_timeout: duration("body_timeout", &self.body_timeout)?,
            trusted_proxies: networks("trusted_proxies", &self.trusted_proxies)?,
            hook_dedupe_window: duration("hook_dedupe_window", &self.hook_dedupe_window)?,
            hook_requests_per_second: Some(self.hook_requests_per_second).filter(|most| *most > 0),
            run_lease: run_lease(&self.run_lease)?,
            webhook_retries: webhook_retries(&self.webhook_retries)?,
            app_check_interval: duration("app_check_interval", &self.app_check_interval)?,
            webhook_give_up: duration("webhook_give_up", &self.webhook_give_up)?,
            retention: Retention {
                runs: days(self.keep_runs_days),
                runs_per_workflow: Some(self.keep_runs_per_workflow).filter(|most| *most > 0),
                events: days(self.keep_events_days),
                audit_log: days(self.keep_audit_days),
                credential_uses: days(self.keep_credential_uses_days),
            },
            log: self.log,
            log_format: self.log_format,
            unknown_variables,
        })
    }
}

fn cost_per_minute(points: u32) -> Result<Option<NonZeroU32>, ConfigError> {
    let least = Limits::default().cost;
    if points > 0 && u64::from(points) < least {
        let problem =
            format!("{points} must be at least {least}, which one document may cost, or 0");
        return Err(ConfigError::invalid("cost_per_minute", problem));
    }
    Ok(NonZeroU32::new(points))
}

fn address(text: &str) -> Result<SocketAddr, ConfigError> {
    let named = text.replace("localhost:", "127.0.0.1:");
    named.parse().map_err(|_| {
        ConfigError::invalid(
            "listen",
            format!("`{text}` must be ADDRESS:PORT, such as 127.0.0.1:8080"),
        )
    })
}

fn public_url(text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| {
        ConfigError::invalid(
            "public_url",
            format!("`{text}` must be an http:// or https:// URL"),
        )
    })
}

fn networks(key: &'static str, texts: &[String]) -> Result<Vec<IpNet>, ConfigError> {
    texts.iter().map(|text| network(key, text)).collect()
}

fn network(key: &'static str, text: &str) -> Result<IpNet, ConfigError> {
    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).map_err(|_| {
        ConfigError::invalid(
            key,
            format!("`{text}` must be a range in CIDR notation, such as 10.0.0.0/8"),
        )
    })
}

fn session_secret(secret: Secret) -> Result<Secret, ConfigError> {
    if secret.reveal().len() < 32 {
        return Err(ConfigError::invalid(
            "session_secret",
            "must be at least 32 bytes long",
        ));
    }
    Ok(secret)
}

/// A server that takes trusted documents only, and has none, would answer nobody.
fn trusted_documents(
    manifest: Option<PathBuf>,
    only: bool,
) -> Result<Option<PathBuf>, ConfigError> {
    if only && manifest.is_none() {
        let problem = "needs `trusted_documents`, the manifest that has them";
        return Err(ConfigError::invalid("only_trusted_documents", problem));
    }
    Ok(manifest)
}

fn webhook_retries(pauses: &[String]) -> Result<Vec<Duration>, ConfigError> {
    if pauses.len() > 50 {
        let problem = "must be 50 pauses at most";
        return Err(ConfigError::invalid("webhook_retries", problem));
    }
    let pauses = pauses.iter();
    pauses
        .map(|text| duration("webhook_retries", text))
        .collect()
}

pub(super) fn duration(key: &'static str, text: &str) -> Result<Duration, ConfigError> {
    let parsed = text
        .parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok());
    parsed.ok_or_else(|| {
        ConfigError::invalid(
            key,
            format!("`{text}` must be a duration, such as 25s or PT25S"),
        )
    })
}

fn event_bytes(bytes: usize) -> Result<usize, ConfigError> {
    if !(64 << 10..=1 << 20).contains(&bytes) {
        let problem = format!("{bytes} must be from 65536 to 1048576");
        return Err(ConfigError::invalid("max_event_bytes", problem));
    }
    Ok(bytes)
}

/// None for 0.
fn days(days: u64) -> Option<Duration> {
    (days > 0).then(|| Duration::from_secs(days.saturating_mul(24 * 3600)))
}

fn run_lease(text: &str) -> Result<Duration, ConfigError> {
    let lease = duration("run_lease", text)?;
    if lease < Duration::from_millis(100) {
        return Err(ConfigError::invalid("run_lease", "must be at least 100ms"));
    }
    Ok(lease)
}

/// A list, or one string with commas as an environment variable has it.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::List(list) => list,
        Either::Text(text) => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_with(variables: &[(&str, &str)], flags: Overrides) -> Result<Config, ConfigError> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        load(None, variables, flags)
    }

    #[test]
    fn the_embedded_default_is_a_configuration() {
        let config = load_with(&[], Overrides::new()).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.database_url.reveal(), "sqlite://data/jackfield.db");
        assert_eq!(config.respond_timeout, Duration::from_secs(25));
    }

    #[test]
    fn flags_override_variables() {
        let variables = [
            ("JACKFIELD_LISTEN", "0.0.0.0:1"),
            ("JACKFIELD_EGRESS_ALLOW", "127.0.0.0/8, ::1/128"),
        ];
        let config = load_with(&variables, vec![("listen", "127.0.0.1:2".to_owned())]).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.egress_allow.len(), 2);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = load_with(&[], vec![("listn", "x".to_owned())]).unwrap_err();
        insta::assert_snapshot!(error, @"unknown key `listn`; `jackfield config` prints every key there is");
    }

    #[test]
    fn a_bad_value_says_what_it_must_be() {
        let error = load_with(
            &[("JACKFIELD_EGRESS_ALLOW", "10.0.0.0/99")],
            Overrides::new(),
        )
        .unwrap_err();
        insta::assert_snapshot!(error, @"egress_allow: `10.0.0.0/99` must be a range in CIDR notation, such as 10.0.0.0/8");
    }

    #[test]
    fn a_secret_of_digits_stays_text_and_is_not_shown() {
        let config = load_with(
            &[(
                "JACKFIELD_SESSION_SECRET",
                "01234567890123456789012345678901",
            )],
            Overrides::new(),
        )
        .unwrap();
        assert_eq!(
            config.session_secret.as_ref().unwrap().reveal(),
            "01234567890123456789012345678901"
        );
        assert!(!format!("{config:?}").contains("0123456789"));
    }
}
