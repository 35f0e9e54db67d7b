//! What plugins say, in the server's log.

use jackfield_plugin_host::messages::Level;
use jackfield_storage::ids::RunId;

/// Writes a line for a run, or for what belongs to none. Secrets are masked in it already.
pub(super) fn write(level: Level, run: Option<RunId>, message: &str, fields: &str) {
    match level {
        Level::Debug | Level::Info => log_quietly(level, run, message, fields),
        Level::Warn | Level::Error => log_loudly(level, run, message, fields),
    }
}

fn log_quietly(level: Level, run: Option<RunId>, message: &str, fields: &str) {
    let run = run.map(tracing::field::display);
    if level == Level::Debug {
        tracing::debug!(target: "plugin", run, fields, "{message}");
    } else {
        tracing::info!(target: "plugin", run, fields, "{message}");
    }
}

fn log_loudly(level: Level, run: Option<RunId>, message: &str, fields: &str) {
    let run = run.map(tracing::field::display);
    if level == Level::Warn {
        tracing::warn!(target: "plugin", run, fields, "{message}");
    } else {
        tracing::error!(target: "plugin", run, fields, "{message}");
    }
}
