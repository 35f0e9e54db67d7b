//! Stripe: `Stripe-Signature: t=…,v1=…[,v1=…]` over `{t}.{body}`, the key being the text `whsec_…` as it stands.
//! <https://docs.stripe.com/webhooks#verify-manually>

use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac, tolerance};

const HEADER: &str = "stripe-signature";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let (timestamp, signatures) = parse(header::text(request.headers, HEADER)?)?;
    let parts = [timestamp.as_bytes(), b".", request.body];
    mac::check_sha256(secrets, &parts, &signatures)?;

    let signed_at = timestamp.parse().map_err(|_| malformed())?;
    tolerance::check(request, signed_at)
}

/// The time as it was written and every `v1` signature; other schemes, such as the `v0` of test mode, are left out.
fn parse(header: &str) -> Result<(&str, Vec<Vec<u8>>), Refusal> {
    let mut timestamp = None;
    let mut signatures = Vec::new();
    for item in header.split(',') {
        match item.trim().split_once('=') {
            Some(("t", value)) => timestamp = Some(value),
            Some(("v1", value)) => signatures.push(mac::from_hex(value, HEADER)?),
            _ => {}
        }
    }
    match timestamp {
        Some(timestamp) if !signatures.is_empty() => Ok((timestamp, signatures)),
        _ => Err(malformed()),
    }
}

fn malformed() -> Refusal {
    Refusal::Malformed(HEADER.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    const SIGNED_AT: i64 = 1_700_000_000;
    const SIGNATURE: &str = "c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925";

    fn delivery() -> Example {
        Example::new(r#"{"id":"evt_1"}"#, SIGNED_AT)
            .header("stripe-signature", &format!("t={SIGNED_AT},v1={SIGNATURE}"))
    }

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&["whsec_test"]), &example.signed())
    }

    #[test]
    fn accepts_what_stripe_signed() {
        assert_eq!(check(&delivery()), Ok(()));
    }

    #[test]
    fn accepts_one_good_signature_among_several() {
        let wrong = "0".repeat(64);
        let header = format!("t={SIGNED_AT},v1={wrong},v1={SIGNATURE},v0={wrong}");

        assert_eq!(
            check(&delivery().header("stripe-signature", &header)),
            Ok(())
        );
    }

    #[test]
    fn accepts_the_old_secret_while_it_is_being_replaced() {
        assert_eq!(
            verify(&secrets(&["whsec_new", "whsec_test"]), &delivery().signed()),
            Ok(())
        );
    }

    #[test]
    fn refuses_another_secret() {
        assert_eq!(
            verify(&secrets(&["whsec_new"]), &delivery().signed()),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_a_changed_body() {
        assert_eq!(
            check(&delivery().body(r#"{"id":"evt_2"}"#)),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_a_changed_time() {
        let header = format!("t={},v1={SIGNATURE}", SIGNED_AT + 1);

        assert_eq!(
            check(&delivery().header("stripe-signature", &header)),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_more_than_five_minutes_in_either_direction() {
        assert_eq!(check(&delivery().later(300)), Ok(()));
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
    fn refuses_a_missing_header() {
        let missing = Refusal::Missing("stripe-signature".into());

        assert_eq!(check(&delivery().without("stripe-signature")), Err(missing));
    }

    #[test]
    fn refuses_a_header_without_a_signature() {
        for header in [
            "",
            "t=1700000000",
            "v1=00",
            "t=1700000000,v1=xyz",
            "t=1700000000,v0=00",
        ] {
            let refused = check(&delivery().header("stripe-signature", header));

            assert_eq!(
                refused,
                Err(Refusal::Malformed("stripe-signature".into())),
                "{header:?}"
            );
        }
    }
}
