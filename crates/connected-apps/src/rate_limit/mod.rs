//! How many requests may be made with the credentials of an app, and how long.
//!
//! Every request takes a turn from [`Turns`]. Turns are an interval apart; after a quiet time a few may be taken at once.
//! The interval is chosen so that no window of the limit's length ever has more turns than the limit says.

mod limited;
mod retry_after;
mod turns;

pub use limited::Later;
pub(crate) use limited::Limited;
pub use retry_after::retry_after;
pub(crate) use turns::Turns;

use std::time::Duration;

use jackfield_storage::{Problem, ProblemCode, connected_app::ConnectedApp};

const FIELD: &str = "rateLimit";
const MAX_REQUESTS: i64 = 1_000_000;
const LEAST_PER: Duration = Duration::from_secs(1);
const MOST_PER: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// At most so many requests in a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: i32,
    per: Duration,
    burst: i32,
}

/// A limit as it was entered.
#[derive(Clone, Copy, Debug)]
pub struct GivenRateLimit {
    /// How many requests, 1 to 1,000,000.
    pub requests: i64,
    /// In how long, 1 second to 31 days.
    pub per: Duration,
    /// How many of them may be made at once, at most half of them; a tenth of them when it is not given.
    pub burst: Option<i64>,
}

impl GivenRateLimit {
    /// The limit, if it is one that can be kept.
    pub(crate) fn check(self) -> Result<RateLimit, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut refuse = |field: &str, message: String| {
            problems.push(Problem::new([FIELD, field], ProblemCode::Invalid, message));
        };
        let requests = self.requests.clamp(1, MAX_REQUESTS);
        if requests != self.requests {
            refuse(
                "requests",
                "give a number from 1 to 1,000,000; to stop all requests switch the app off"
                    .to_owned(),
            );
        }
        if !(LEAST_PER..=MOST_PER).contains(&self.per) {
            refuse(
                "per",
                "give a duration from PT1S to P31D, and the number of requests for that".to_owned(),
            );
        }
        let most = (requests + 1) / 2;
        let burst = self.burst.unwrap_or((requests / 10).max(1));
        if requests == self.requests && !(1..=most).contains(&burst) {
            let message = format!(
                "give a number from 1 to {most}, half of `requests`: after a burst the rest are spread over the time, \
                 so that the limit holds"
            );
            refuse("burst", message);
        }
        match problems.is_empty() {
            true => Ok(RateLimit {
                requests: i32::try_from(requests).unwrap_or(i32::MAX),
                per: self.per,
                burst: i32::try_from(burst).unwrap_or(1),
            }),
            false => Err(problems),
        }
    }
}

impl RateLimit {
    /// The limit of a stored app.
    pub fn of(app: &ConnectedApp) -> Option<Self> {
        Some(Self {
            requests: app.rate_requests?.max(1),
            per: Duration::from_micros(u64::try_from(app.rate_per?).ok()?),
            burst: app.rate_burst?.max(1),
        })
    }

    /// Puts the limit, or that there is none, on an app that is about to be stored.
    pub(crate) fn put(limit: Option<Self>, app: &mut ConnectedApp) {
        app.rate_requests = limit.map(|limit| limit.requests);
        let micros = |per: Duration| i64::try_from(per.as_micros()).unwrap_or(i64::MAX);
        app.rate_per = limit.map(|limit| micros(limit.per));
        app.rate_burst = limit.map(|limit| limit.burst);
    }

    /// How many requests.
    pub fn requests(&self) -> i32 {
        self.requests
    }

    /// In how long.
    pub fn per(&self) -> Duration {
        self.per
    }

    /// How many of them may be made at once.
    pub fn burst(&self) -> i32 {
        self.burst
    }

    /// From one turn to the next. A window begins with a burst at worst, so what is left for the rest of it is spread over
    /// all of it.
    fn interval(&self) -> Duration {
        let spread = u128::try_from(self.requests - self.burst + 1).unwrap_or(1);
        let micros = self.per.as_micros().div_ceil(spread.max(1));
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// How long before its time a turn may be used after a quiet time.
    fn ahead(&self) -> Duration {
        self.interval() * u32::try_from(self.burst - 1).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(requests: i64, per: u64, burst: Option<i64>) -> Result<RateLimit, Vec<String>> {
        let per = Duration::from_secs(per);
        let given = GivenRateLimit {
            requests,
            per,
            burst,
        };
        let shown = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect();
        given.check().map_err(shown)
    }

    #[test]
    fn a_tenth_may_come_at_once_and_the_rest_is_spread() {
        let limit = given(100, 60, None).unwrap();
        assert_eq!(limit.burst(), 10);
        assert_eq!(limit.interval(), Duration::from_micros(659_341));
        assert_eq!(limit.ahead(), 9 * limit.interval());
        let single = given(5, 1, None).unwrap();
        assert_eq!(single.interval(), Duration::from_millis(200));
        assert_eq!(single.ahead(), Duration::ZERO);
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let said = given(0, 0, Some(9)).unwrap_err();
        insta::assert_debug_snapshot!(said, @r#"
        [
            "rateLimit.requests: give a number from 1 to 1,000,000; to stop all requests switch the app off",
            "rateLimit.per: give a duration from PT1S to P31D, and the number of requests for that",
        ]
        "#);
        assert!(given(1, 1, None).is_ok());
        assert!(given(10, 60, Some(5)).is_ok());
        let said = given(10, 60, Some(6)).unwrap_err();
        insta::assert_debug_snapshot!(said, @r#"
        [
            "rateLimit.burst: give a number from 1 to 5, half of `requests`: after a burst the rest are spread over the time, so that the limit holds",
        ]
        "#);
    }
}
