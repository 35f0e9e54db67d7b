//! Slack: `X-Slack-Signature: v0=hex`, HMAC-SHA256 of `v0:{timestamp}:{body}`.
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac, tolerance};

const SIGNATURE: &str = "x-slack-signature";
const TIMESTAMP: &str = "x-slack-request-timestamp";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let timestamp = header::text(request.headers, TIMESTAMP)?;
    let text = header::text(request.headers, SIGNATURE)?;
    let digits = text
        .strip_prefix("v0=")
        .ok_or_else(|| Refusal::Malformed(SIGNATURE.to_owned()))?;
    let signature = mac::from_hex(digits, SIGNATURE)?;
    let parts = [b"v0:", timestamp.as_bytes(), b":", request.body];
    mac::check_sha256(secrets, &parts, &[signature])?;

    let signed_at = timestamp
        .parse()
        .map_err(|_| Refusal::Malformed(TIMESTAMP.to_owned()))?;
    tolerance::check(request, signed_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    /// Accepted by Slack's own Bolt.
    fn delivery() -> Example {
        Example::new(r#"{"type":"event_callback"}"#, 1_700_000_000)
            .header(TIMESTAMP, "1700000000")
            .header(
                SIGNATURE,
                "v0=b52c6fcfcab356d5b4aba9decc3e858e95c29a82017da141d845c16dcdc884f0",
            )
    }

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(
            &secrets(&["8f742231b10e8888abcd99yyyzzz85a5"]),
            &example.signed(),
        )
    }

    #[test]
    fn accepts_what_slack_signed() {
        assert_eq!(check(&delivery()), Ok(()));
    }

    #[test]
    fn refuses_a_changed_body() {
        assert_eq!(check(&delivery().body("{}")), Err(Refusal::Mismatch));
    }

    #[test]
    fn refuses_a_request_that_is_repeated_later_or_comes_from_the_future() {
        assert_eq!(
            check(&delivery().later(301)),
            Err(Refusal::Stale { seconds: 301 })
        );
        assert_eq!(
            check(&delivery().later(-301)),
            Err(Refusal::Stale { seconds: 301 })
        );
    }

    #[test]
    fn refuses_a_fresh_time_under_an_old_signature() {
        let delivery = delivery().later(900).header(TIMESTAMP, "1700000900");

        assert_eq!(check(&delivery), Err(Refusal::Mismatch));
    }

    #[test]
    fn refuses_missing_headers() {
        for name in [TIMESTAMP, SIGNATURE] {
            assert_eq!(
                check(&delivery().without(name)),
                Err(Refusal::Missing(name.into()))
            );
        }
    }
}
