use std::time::Duration;

use jackfield_plugin_host::PluginLimits;

use super::ConfigError;
use super::layers::duration;

/// The least memory in which a plugin can start and read a message of the largest size.
const LEAST_MEMORY: u64 = 64 << 20;
/// A timeout below this ends plugins that do nothing wrong on a machine that is busy.
const LEAST_TIME: Duration = Duration::from_millis(100);

/// The limits that an operator sets, beside those that are the same everywhere.
pub(super) fn plugin_limits(
    memory: u64,
    turn: &str,
    idle: &str,
) -> Result<PluginLimits, ConfigError> {
    if memory < LEAST_MEMORY {
        let problem = format!("{memory} must be at least {LEAST_MEMORY}");
        return Err(ConfigError::invalid("plugin_memory_bytes", problem));
    }
    let turn = at_least("plugin_turn_timeout", turn)?;
    Ok(PluginLimits {
        memory,
        resume: turn,
        cpu: turn,
        idle: at_least("plugin_idle_timeout", idle)?,
        ..PluginLimits::default()
    })
}

fn at_least(key: &'static str, text: &str) -> Result<Duration, ConfigError> {
    let time = duration(key, text)?;
    match time < LEAST_TIME {
        true => Err(ConfigError::invalid(key, "must be at least 100ms")),
        false => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_operator() {
        let limits = plugin_limits(100 << 20, "2s", "1m").unwrap();
        let (turn, idle) = (Duration::from_secs(2), Duration::from_secs(60));
        assert_eq!((limits.memory, limits.idle), (100 << 20, idle));
        assert_eq!((limits.resume, limits.cpu), (turn, turn));
    }

    #[test]
    fn a_limit_that_no_plugin_could_keep_is_refused() {
        let refused = |memory, turn, idle| {
            let limits = plugin_limits(memory, turn, idle);
            limits.unwrap_err().to_string()
        };
        insta::assert_snapshot!(refused(1 << 20, "1s", "1s"), @"plugin_memory_bytes: 1048576 must be at least 67108864");
        insta::assert_snapshot!(refused(1 << 30, "1ms", "1s"), @"plugin_turn_timeout: must be at least 100ms");
        insta::assert_snapshot!(refused(1 << 30, "1s", "soon"), @"plugin_idle_timeout: `soon` must be a duration, such as 25s or PT25S");
    }
}
