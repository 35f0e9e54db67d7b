//! Quo, formerly OpenPhone, in its older generation: `openphone-signature: hmac;1;{milliseconds};{base64}`, HMAC-SHA256
//! of `{milliseconds}.{body}` with the base64-decoded key. Its current generation signs by Standard Webhooks, which is what a
//! request without that header is checked by.
//!
//! The time is signed but its age is not checked: the provider does not say that a repeated delivery is signed again, and
//! an old request that is sent again carries an event id that the event log has seen.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac, standard};

const HEADER: &str = "openphone-signature";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let is_current = request.headers.contains_key(standard::ID);
    if is_current && !request.headers.contains_key(HEADER) {
        return standard::verify(secrets, request);
    }
    let text = header::text(request.headers, HEADER)?;
    let malformed = || Refusal::Malformed(HEADER.to_owned());
    let mut fields = text.split(';');
    let (Some("hmac"), Some("1"), Some(timestamp), Some(signature), None) = (
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
    ) else {
        return Err(malformed());
    };
    let signature = mac::from_base64(signature, HEADER)?;

    for secret in secrets {
        // While a webhook of one generation replaces one of the other, a hook has keys of both.
        let text = secret.expose();
        let key = STANDARD
            .decode(text.strip_prefix("whsec_").unwrap_or(text))
            .map_err(|_| Refusal::UnusableSecret("base64"))?;
        let expected = mac::of(
            hmac::HMAC_SHA256,
            &key,
            &[timestamp.as_bytes(), b".", request.body],
        );
        if mac::equal(expected.as_ref(), &signature) {
            return Ok(());
        }
    }
    Err(Refusal::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    fn delivery() -> Example {
        let body = r#"{"id":"EV1","type":"message.received"}"#;
        let parts = [b"1700000000123".as_slice(), b".", body.as_bytes()];
        let signature = STANDARD.encode(mac::of(hmac::HMAC_SHA256, b"secret", &parts));
        Example::new(body, 0).header(HEADER, &format!("hmac;1;1700000000123;{signature}"))
    }

    fn check(secret: &str, example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&[secret]), &example.signed())
    }

    #[test]
    fn accepts_a_signature_with_the_decoded_key() {
        assert_eq!(check("c2VjcmV0", &delivery()), Ok(()));
    }

    #[test]
    fn keys_of_both_generations_stand_beside_each_other() {
        let keys = secrets(&["whsec_bmV3", "c2VjcmV0"]);
        assert_eq!(verify(&keys, &delivery().signed()), Ok(()));
    }

    #[test]
    fn refuses_a_changed_body_another_key_and_a_missing_header() {
        assert_eq!(
            check("c2VjcmV0", &delivery().body("{}")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(check("b3RoZXI=", &delivery()), Err(Refusal::Mismatch));
        assert_eq!(
            check("not base64", &delivery()),
            Err(Refusal::UnusableSecret("base64"))
        );
        assert_eq!(
            check("c2VjcmV0", &delivery().without(HEADER)),
            Err(Refusal::Missing(HEADER.into()))
        );
    }

    #[test]
    fn refuses_other_versions_and_shapes() {
        for header in [
            "hmac;2;1;AAAA",
            "hmac;1;1",
            "hmac;1;1;AAAA;more",
            "1;1;1;AAAA",
        ] {
            let refused = check("c2VjcmV0", &delivery().header(HEADER, header));

            assert_eq!(refused, Err(Refusal::Malformed(HEADER.into())), "{header}");
        }
    }
}
