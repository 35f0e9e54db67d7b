//! Log lines: pretty for people, one JSON object a line for machines. Spans carry the request and the run.

use std::io::{IsTerminal, stderr};

use anyhow::{Context, anyhow};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use crate::config::{Config, LogFormat};

/// Starts to log to stderr.
///
/// # Errors
///
/// When the directives in `log` cannot be parsed.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)
        .with_context(|| format!("log: `{}` is no list of directives", config.log))?;
    let subscriber = Subscriber::builder()
        .with_env_filter(without_payloads(filter)?)
        .with_writer(stderr);
    let pretty = match config.log_format {
        LogFormat::Auto => stderr().is_terminal(),
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let started = if pretty {
        subscriber
            .compact()
            .with_target(false)
            .with_ansi(stderr().is_terminal())
            .try_init()
    } else {
        subscriber
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(true)
            .try_init()
    };
    started.map_err(|error| anyhow!("logs cannot be started: {error}"))
}

/// Whatever level is asked for, this library does not print the bytes of messages: the first one of a WebSocket has a token in it.
fn without_payloads(filter: EnvFilter) -> anyhow::Result<EnvFilter> {
    Ok(filter.add_directive("tungstenite=debug".parse()?))
}
