//! Signs the way Stripe signs its webhooks.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;

/// An event as Stripe sends it.
pub const PAYMENT_SUCCEEDED: &str = include_str!("payment_intent.succeeded.json");

/// The value of `Stripe-Signature` for a body sent now.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    sign_at(secret, body, unix_now())
}

/// The value of `Stripe-Signature` for a body sent at `timestamp`, in seconds since 1970.
#[must_use]
pub fn sign_at(secret: &str, body: &[u8], timestamp: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("{timestamp}.").as_bytes());
    context.update(body);
    format!("t={timestamp},v1={}", hex::encode(context.sign()))
}

/// Seconds since 1970, from the clock that the server under test reads too.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a signature for a real server must carry the real time"
)]
pub fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Stripe's own library.
    #[test]
    fn agrees_with_stripe() {
        assert_eq!(
            sign_at("whsec_test", br#"{"id":"evt_1"}"#, 1_700_000_000),
            "t=1700000000,v1=c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"
        );
    }
}
