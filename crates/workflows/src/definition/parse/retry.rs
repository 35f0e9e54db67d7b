//! How often a node is tried, and how long.

use std::time::Duration;

use jackfield_storage::{Problem, ProblemCode};

use crate::definition::fields::{Path, problem, under};
use crate::definition::{RetryDocument, parse_duration};
use crate::machine::RetryPolicy;

/// The most attempts a retry policy may ask for.
const MAX_ATTEMPTS: u32 = 100;

pub(super) fn read(retry: &RetryDocument, path: &Path, problems: &mut Vec<Problem>) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    if let Some(attempts) = retry.max_attempts {
        if (1..=MAX_ATTEMPTS).contains(&attempts) {
            policy.max_attempts = attempts;
        } else {
            let message = format!("has to be a whole number from 1 to {MAX_ATTEMPTS}");
            problems.push(problem(
                &under(path, "maxAttempts"),
                ProblemCode::Invalid,
                message,
            ));
        }
    }
    let mut delay = |text: &Option<String>, name: &str| {
        text.as_ref()
            .and_then(|text| duration(text, &under(path, name), problems))
    };
    if let Some(initial) = delay(&retry.initial_delay, "initialDelay") {
        policy.initial_delay = initial;
    }
    if let Some(longest) = delay(&retry.max_delay, "maxDelay") {
        policy.max_delay = longest;
    }
    policy.max_delay = policy.max_delay.max(policy.initial_delay);
    match retry
        .backoff
        .as_ref()
        .map(|backoff| (backoff.as_f64(), backoff.as_str().map(str::to_lowercase)))
    {
        None => {}
        Some((Some(factor), _)) if (1.0..=10.0).contains(&factor) => policy.factor = factor,
        Some((_, Some(name))) if name == "exponential" => policy.factor = 2.0,
        Some((_, Some(name))) if name == "fixed" => policy.factor = 1.0,
        Some(_) => {
            let message = "has to be `exponential`, `fixed` or a factor from 1 to 10";
            problems.push(problem(
                &under(path, "backoff"),
                ProblemCode::Invalid,
                message,
            ));
        }
    }
    policy
}

pub(super) fn duration(text: &str, path: &Path, problems: &mut Vec<Problem>) -> Option<Duration> {
    let checked = parse_duration(text).and_then(|duration| match duration.is_zero() {
        true => Err("has to be longer than nothing".to_owned()),
        false => Ok(duration),
    });
    checked
        .map_err(|message| problems.push(problem(path, ProblemCode::Invalid, message)))
        .ok()
}
