use std::time;

use async_graphql::{InputObject, SimpleObject};
use jackfield_connected_apps as apps;
use jiff::SignedDuration;

use crate::scalars::Duration;

/// How many requests may be made with the credentials of a connected app. The limit holds for all runs together, whichever
/// workflow they are of and whichever node executes them, and in every window of the length that it names.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// How many requests may be made in `per`.
    requests: i32,
    /// In how long.
    per: Duration,
    /// How many of them may be made at once after a quiet time; the others are spread over the rest.
    burst: i32,
}

/// How many requests may be made with the credentials of a connected app.
#[derive(InputObject)]
pub struct RateLimitInput {
    /// How many requests may be made in `per`: 1 to 1,000,000.
    requests: i32,
    /// In how long: `PT1S` to `P31D`.
    per: Duration,
    /// How many of them may be made at once after a quiet time, at most half of them; a tenth of them by default.
    burst: Option<i32>,
}

impl From<apps::RateLimit> for RateLimit {
    fn from(limit: apps::RateLimit) -> Self {
        Self {
            requests: limit.requests(),
            per: Duration(SignedDuration::try_from(limit.per()).unwrap_or(SignedDuration::MAX)),
            burst: limit.burst(),
        }
    }
}

impl From<RateLimitInput> for apps::GivenRateLimit {
    fn from(input: RateLimitInput) -> Self {
        Self {
            requests: input.requests.into(),
            // One that is negative is as wrong as none at all, and refused with the same words.
            per: time::Duration::try_from(input.per.0).unwrap_or_default(),
            burst: input.burst.map(i64::from),
        }
    }
}
