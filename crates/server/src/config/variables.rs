//! The `JACKFIELD_*` variables as a layer.

use figment::value::{Dict, Value};

use super::DEFAULT;

const PREFIX: &str = "JACKFIELD_";

/// What the environment says.
pub(super) struct Variables {
    /// The keys it sets.
    pub layer: Dict,
    /// Names of variables that are no key, to be warned about. They are no error, because others set variables too:
    /// Kubernetes gives every container a `JACKFIELD_PORT` when a service of that name exists.
    pub unknown: Vec<String>,
}

impl Variables {
    /// Takes the variables that concern Jackfield. An empty one sets nothing, but for a list, which it empties.
    pub fn read(variables: impl Iterator<Item = (String, String)>) -> Self {
        let mut read = Self {
            layer: Dict::new(),
            unknown: Vec::new(),
        };
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX).map(str::to_lowercase) else {
                continue;
            };
            match defaults().find(|(known, _)| *known == key) {
                Some((_, default)) if value.is_empty() && !default.starts_with('[') => {}
                Some((_, default)) => {
                    read.layer.insert(key, parse(default, value));
                }
                None => read.unknown.push(name),
            }
        }
        read
    }
}

/// Every key with the text of its default, read off the default configuration, where some are commented out. A table has no
/// variable.
fn defaults() -> impl Iterator<Item = (&'static str, &'static str)> {
    let top_level = DEFAULT.lines().take_while(|line| !line.contains("[["));
    top_level.filter_map(|line| {
        let (key, default) = line.trim_start_matches("# ").split_once(" = ")?;
        let is_key = |c: char| c.is_ascii_lowercase() || c == '_';
        key.chars().all(is_key).then_some((key, default))
    })
}

/// Only what is a number or a switch by default is parsed: a secret of digits stays text.
fn parse(default: &str, value: String) -> Value {
    let parsed = match default {
        "true" | "false" => value.parse::<bool>().ok().map(Value::from),
        number if number.parse::<u64>().is_ok() => value.parse::<u64>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_names_every_key_that_a_variable_may_set() {
        let keys: Vec<_> = defaults().map(|(key, _)| key).collect();
        insta::assert_compact_debug_snapshot!(keys, @r#"["listen", "public_url", "data_dir", "database_url", "master_key", "plugins", "isolation", "unsigned_plugins", "plugin_memory_bytes", "plugin_turn_timeout", "plugin_idle_timeout", "egress_allow", "session_secret", "allowed_origins", "introspection", "trusted_documents", "only_trusted_documents", "query_timeout", "cost_per_minute", "max_body_bytes", "max_event_bytes", "header_timeout", "body_timeout", "trusted_proxies", "hook_dedupe_window", "hook_requests_per_second", "respond_timeout", "run_lease", "app_check_interval", "webhook_retries", "webhook_give_up", "keep_runs_days", "keep_runs_per_workflow", "keep_events_days", "keep_audit_days", "keep_credential_uses_days", "log", "log_format"]"#);
    }

    #[test]
    fn numbers_and_switches_are_read_as_what_their_defaults_are() {
        let set = |name: &str, value: &str| (format!("JACKFIELD_{name}"), value.to_owned());
        let variables = [
            set("KEEP_RUNS_DAYS", "30"),
            set("MAX_BODY_BYTES", "1024"),
            set("INTROSPECTION", "false"),
            set("SESSION_SECRET", "12345678"),
        ];

        let layer = Variables::read(variables.into_iter()).layer;

        assert_eq!(layer["keep_runs_days"], Value::from(30_u64));
        assert_eq!(layer["max_body_bytes"], Value::from(1024_u64));
        assert_eq!(layer["introspection"], Value::from(false));
        assert_eq!(layer["session_secret"], Value::from("12345678"));
    }

    #[test]
    fn an_empty_variable_sets_nothing_and_empties_a_list() {
        let variables = ["DATA_DIR", "KEEP_RUNS_DAYS", "WEBHOOK_RETRIES"];
        let variables = variables.map(|name| (format!("JACKFIELD_{name}"), String::new()));

        let layer = Variables::read(variables.into_iter()).layer;

        let set: Vec<_> = layer.keys().collect();
        assert_eq!(set, ["webhook_retries"]);
    }

    #[test]
    fn a_variable_that_is_no_key_is_told_and_left_alone() {
        let set = |name: &str, value: &str| (format!("JACKFIELD_{name}"), value.to_owned());
        let variables = [set("PORT", "tcp://10.0.0.1:80"), set("LOG", "debug")];

        let read = Variables::read(variables.into_iter());

        assert_eq!(read.unknown, ["JACKFIELD_PORT"]);
        assert_eq!(read.layer["log"], Value::from("debug"));
    }
}
