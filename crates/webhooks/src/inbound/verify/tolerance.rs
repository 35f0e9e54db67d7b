//! How far a signed time may be from the server's clock.

use super::{Refusal, Signed};

/// The tolerance in both directions, in seconds. Stripe, Slack and Standard Webhooks all name five minutes.
pub(super) const SECONDS: u64 = 300;

/// Refuses a request that was signed more than [`SECONDS`] before or after now. `signed_at` is in Unix seconds.
pub(super) fn check(request: &Signed<'_>, signed_at: i64) -> Result<(), Refusal> {
    let now = request.now.as_micros().div_euclid(1_000_000);
    let seconds = now.abs_diff(signed_at);
    if seconds > SECONDS {
        return Err(Refusal::Stale { seconds });
    }
    Ok(())
}

/// A time in seconds that may have come in milliseconds: their sizes cannot be confused.
pub(super) fn seconds(time: i64) -> i64 {
    const FIRST_MILLISECONDS: i64 = 100_000_000_000;
    if time >= FIRST_MILLISECONDS {
        time / 1000
    } else {
        time
    }
}
