//! When and how often a failed attempt is repeated.

use std::time::Duration;

/// The longest pause that another side may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// A node's retry policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// How often it is tried in all, at least 1.
    pub max_attempts: u32,
    /// The pause after the first attempt.
    pub initial_delay: Duration,
    /// The longest pause.
    pub max_delay: Duration,
    /// By what the pause grows with each attempt, at least 1.
    pub factor: f64,
}

/// That another attempt can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retry {
    /// How long the other side asked to wait.
    pub after: Option<Duration>,
}

impl Default for RetryPolicy {
    /// What a policy that leaves everything open means: 3 attempts, 1 s apart, then 2 s, never more than 5 min.
    fn default() -> Self {
        RetryPolicy {
            max_attempts: 3,
            initial_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(300),
            factor: 2.0,
        }
    }
}

impl RetryPolicy {
    /// No second attempt: what a node without a policy has.
    pub fn once() -> Self {
        RetryPolicy {
            max_attempts: 1,
            ..RetryPolicy::default()
        }
    }

    /// The pause after attempt `attempt` (from 1). `random` is from 0 to 1 and takes away up to half of the pause, so
    /// that runs that failed together do not all come back together. What the other side asked for is waited in full.
    pub fn delay(&self, attempt: u32, retry: Retry, random: f64) -> Duration {
        let grown = self.initial_delay.as_secs_f64()
            * self
                .factor
                .powi(attempt.saturating_sub(1).min(1_000) as i32);
        let capped = grown.min(self.max_delay.as_secs_f64());
        let jittered = Duration::from_secs_f64(capped * (1.0 - random.clamp(0.0, 1.0) / 2.0));
        let asked = retry.after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        jittered.max(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let policy = RetryPolicy {
            max_delay: Duration::from_secs(5),
            ..RetryPolicy::default()
        };
        let pauses: Vec<_> = (1..=5)
            .map(|attempt| policy.delay(attempt, Retry::default(), 0.0).as_secs())
            .collect();
        assert_eq!(pauses, [1, 2, 4, 5, 5]);
        assert_eq!(
            policy.delay(u32::MAX, Retry::default(), 0.0),
            Duration::from_secs(5)
        );
    }

    #[test]
    fn jitter_takes_away_at_most_half() {
        let policy = RetryPolicy::default();
        assert_eq!(
            policy.delay(1, Retry::default(), 1.0),
            Duration::from_millis(500)
        );
        assert_eq!(
            policy.delay(1, Retry::default(), 0.5),
            Duration::from_millis(750)
        );
    }

    #[test]
    fn what_the_other_side_asks_for_is_waited() {
        let asked = Retry {
            after: Some(Duration::from_secs(60)),
        };
        assert_eq!(
            RetryPolicy::default().delay(1, asked, 1.0),
            Duration::from_secs(60)
        );
        let absurd = Retry {
            after: Some(Duration::from_secs(u64::MAX)),
        };
        assert_eq!(
            RetryPolicy::default().delay(1, absurd, 0.0),
            LONGEST_RETRY_AFTER
        );
    }
}
