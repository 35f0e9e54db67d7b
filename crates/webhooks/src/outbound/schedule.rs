//! When a delivery that failed is tried again.

use std::time::Duration;

/// The pauses between attempts. There is one attempt more than there are pauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

/// The pauses between the ten attempts of the default, in seconds: 5 seconds, 5 and 30 minutes, then hours.
const PAUSES: [u64; 9] = [
    5,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600,
];

/// The longest pause that a receiver may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

impl Schedule {
    /// With these pauses.
    pub fn new(pauses: Vec<Duration>) -> Self {
        Self(pauses)
    }

    /// How long to wait after so many attempts; none when that was the last one. `chance` from 0 to 255 makes the pause up to
    /// a tenth longer, so that what failed together does not come back together; `asked` is what the receiver wants at least.
    pub(super) fn pause(
        &self,
        attempts: i32,
        chance: u8,
        asked: Option<Duration>,
    ) -> Option<Duration> {
        let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
        let pause = *self.0.get(index)?;
        let pause = pause + pause * u32::from(chance) / 2550;
        Some(pause.max(asked.unwrap_or_default().min(LONGEST)))
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self(PAUSES.map(Duration::from_secs).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_and_then_no_more() {
        let schedule = Schedule::default();
        let pause = |attempts, chance| schedule.pause(attempts, chance, None);
        assert_eq!(pause(1, 0), Some(Duration::from_secs(5)));
        assert_eq!(pause(1, 255), Some(Duration::from_millis(5500)));
        assert_eq!(pause(9, 0), Some(Duration::from_secs(86_400)));
        assert_eq!(pause(10, 0), None);
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_ever() {
        let schedule = Schedule::default();
        let asked = |seconds| schedule.pause(1, 0, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(60), Some(Duration::from_secs(60)));
        assert_eq!(asked(1), Some(Duration::from_secs(5)));
        assert_eq!(asked(u64::MAX), Some(LONGEST));
    }
}
