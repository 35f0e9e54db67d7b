//! Lob: `Lob-Signature`, hexadecimal HMAC-SHA256 of `{timestamp}.{body}`, the time being in `Lob-Signature-Timestamp`.

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac, tolerance};

const SIGNATURE: &str = "lob-signature";
const TIMESTAMP: &str = "lob-signature-timestamp";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let timestamp = header::text(request.headers, TIMESTAMP)?;
    let signature = mac::from_hex(header::text(request.headers, SIGNATURE)?, SIGNATURE)?;
    mac::check_sha256(
        secrets,
        &[timestamp.as_bytes(), b".", request.body],
        &[signature],
    )?;

    let time: i64 = timestamp
        .parse()
        .map_err(|_| Refusal::Malformed(TIMESTAMP.to_owned()))?;
    // In milliseconds, in older examples in seconds.
    tolerance::check(request, tolerance::seconds(time))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;

    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    fn delivery(timestamp: &str) -> Example {
        let body = r#"{"id":"evt_1"}"#;
        let parts = [timestamp.as_bytes(), b".", body.as_bytes()];
        let signature = hex::encode(mac::of(hmac::HMAC_SHA256, b"secret", &parts));
        Example::new(body, 1_700_000_000)
            .header(TIMESTAMP, timestamp)
            .header(SIGNATURE, &signature)
    }

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&["secret"]), &example.signed())
    }

    #[test]
    fn accepts_times_in_seconds_and_milliseconds() {
        assert_eq!(check(&delivery("1700000000")), Ok(()));
        assert_eq!(check(&delivery("1700000000123")), Ok(()));
    }

    #[test]
    fn refuses_old_times_changed_bodies_and_missing_headers() {
        assert_eq!(
            check(&delivery("1699999000")),
            Err(Refusal::Stale { seconds: 1000 })
        );
        assert_eq!(
            check(&delivery("1700000000").body("{}")),
            Err(Refusal::Mismatch)
        );
        for name in [TIMESTAMP, SIGNATURE] {
            assert_eq!(
                check(&delivery("1700000000").without(name)),
                Err(Refusal::Missing(name.into()))
            );
        }
    }
}
