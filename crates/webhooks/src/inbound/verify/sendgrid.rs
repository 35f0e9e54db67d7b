//! SendGrid's event webhook: `X-Twilio-Email-Event-Webhook-Signature`, base64 of an ECDSA P-256 signature (SHA-256, DER)
//! of the time in `X-Twilio-Email-Event-Webhook-Timestamp` followed by the body. The hook's secret is the verification
//! key that SendGrid shows: a public key in base64 DER.
//!
//! The time is signed but its age is not checked: SendGrid tries for a day and does not say that it signs again, and an
//! old request that is sent again carries event ids that the event log has seen.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac};

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let timestamp = header::text(request.headers, TIMESTAMP)?;
    let signature = mac::from_base64(header::text(request.headers, SIGNATURE)?, SIGNATURE)?;
    let content = [timestamp.as_bytes(), request.body].concat();

    for secret in secrets {
        let key = STANDARD
            .decode(secret.expose())
            .map_err(|_| Refusal::UnusableSecret("a base64 public key"))?;
        if UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
            .verify(&content, &signature)
            .is_ok()
        {
            return Ok(());
        }
    }
    Err(Refusal::Mismatch)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::{AsDer, PublicKeyX509Der},
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
    };

    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    fn delivery() -> (String, Example) {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let body = r#"[{"sg_event_id":"a","event":"delivered"}]"#;
        let content = format!("1700000000{body}");
        let signature = pair.sign(&SystemRandom::new(), content.as_bytes()).unwrap();
        let delivery = Example::new(body, 0)
            .header(TIMESTAMP, "1700000000")
            .header(SIGNATURE, &STANDARD.encode(signature));
        (STANDARD.encode(public.as_ref() as &[u8]), delivery)
    }

    #[test]
    fn accepts_a_signature_by_the_private_half_of_the_key() {
        let (key, delivery) = delivery();

        assert_eq!(verify(&secrets(&[&key]), &delivery.signed()), Ok(()));
    }

    #[test]
    fn refuses_a_changed_body_or_time_and_another_key() {
        let (key, delivery) = delivery();
        let (other, _) = self::delivery();
        let check = |key: &str, example: &Example| verify(&secrets(&[key]), &example.signed());

        assert_eq!(
            check(&key, &delivery.clone().body("[]")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(&key, &delivery.clone().header(TIMESTAMP, "1700000001")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(check(&other, &delivery), Err(Refusal::Mismatch));
        assert_eq!(
            check(&key, &delivery.without(SIGNATURE)),
            Err(Refusal::Missing(SIGNATURE.into()))
        );
    }
}
