//! Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` and `webhook-signature` over `{id}.{timestamp}.{body}`, also
//! under the older names `svix-*`. Symmetric signatures `v1,` take `whsec_` secrets, ed25519 signatures `v1a,` take
//! `whpk_` public keys. <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use aws_lc_rs::{hmac, signature};
use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_connected_apps::Secret;

use super::{Refusal, Signed, header, mac, tolerance};

/// The header of the event's id, which is the same on every attempt.
pub(in crate::inbound) const ID: &str = "webhook-id";
/// The older name of [`ID`].
pub(in crate::inbound) const SVIX_ID: &str = "svix-id";

const CURRENT: Names = Names {
    id: ID,
    timestamp: "webhook-timestamp",
    signature: "webhook-signature",
};
const SVIX: Names = Names {
    id: SVIX_ID,
    timestamp: "svix-timestamp",
    signature: "svix-signature",
};

struct Names {
    id: &'static str,
    timestamp: &'static str,
    signature: &'static str,
}

enum Key {
    Shared(Vec<u8>),
    Public(Vec<u8>),
}

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let svix = !request.headers.contains_key(ID) && request.headers.contains_key(SVIX_ID);
    let names = if svix { SVIX } else { CURRENT };
    let id = header::text(request.headers, names.id)?;
    let timestamp = header::text(request.headers, names.timestamp)?;
    let signatures = header::text(request.headers, names.signature)?;
    let signed_at = timestamp
        .parse()
        .map_err(|_| Refusal::Malformed(names.timestamp.to_owned()))?;

    let content = [
        id.as_bytes(),
        b".",
        timestamp.as_bytes(),
        b".",
        request.body,
    ];
    let keys = secrets
        .iter()
        .map(parse_key)
        .collect::<Result<Vec<_>, _>>()?;
    if !keys.iter().any(|key| fits(key, &content, signatures)) {
        return Err(Refusal::Mismatch);
    }
    tolerance::check(request, signed_at)
}

fn fits(key: &Key, content: &[&[u8]], signatures: &str) -> bool {
    let given = |version| {
        signatures
            .split(' ')
            .filter_map(|signature| signature.split_once(','))
            .filter(move |(given, _)| *given == version)
            .filter_map(|(_, text)| STANDARD.decode(text).ok())
    };
    match key {
        Key::Shared(key) => {
            let expected = mac::of(hmac::HMAC_SHA256, key, content);
            given("v1").any(|signature| mac::equal(expected.as_ref(), &signature))
        }
        Key::Public(key) => {
            let key = signature::UnparsedPublicKey::new(&signature::ED25519, key);
            let content = content.concat();
            given("v1a").any(|signature| key.verify(&content, &signature).is_ok())
        }
    }
}

/// Reads `whsec_…` and `whpk_…`; a text without prefix is a shared key, as the reference libraries take it.
fn parse_key(secret: &Secret) -> Result<Key, Refusal> {
    let text = secret.expose();
    let decode = |text| {
        STANDARD
            .decode(text)
            .map_err(|_| Refusal::UnusableSecret("`whsec_` and base64"))
    };
    match text.strip_prefix("whpk_") {
        Some(key) => decode(key).map(Key::Public),
        None => decode(text.strip_prefix("whsec_").unwrap_or(text)).map(Key::Shared),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    /// The example of the specification's reference libraries.
    fn delivery() -> Example {
        Example::new(r#"{"test": 2432232314}"#, 1_614_265_330)
            .header("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
            .header("webhook-timestamp", "1614265330")
            .header("webhook-signature", SIGNATURE)
    }

    fn check(example: &Example) -> Result<(), Refusal> {
        verify(&secrets(&[SECRET]), &example.signed())
    }

    #[test]
    fn accepts_the_example_of_the_specification() {
        assert_eq!(check(&delivery()), Ok(()));
    }

    #[test]
    fn accepts_the_older_header_names() {
        let delivery = Example::new(r#"{"test": 2432232314}"#, 1_614_265_330)
            .header("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
            .header("svix-timestamp", "1614265330")
            .header("svix-signature", SIGNATURE);

        assert_eq!(check(&delivery), Ok(()));
    }

    #[test]
    fn accepts_one_good_signature_among_several() {
        let several = format!("v1,AAAA v1a,AAAA garbage {SIGNATURE}");

        assert_eq!(
            check(&delivery().header("webhook-signature", &several)),
            Ok(())
        );
    }

    #[test]
    fn accepts_the_old_secret_while_it_is_being_replaced() {
        let both = secrets(&["whsec_bmV3", SECRET]);

        assert_eq!(verify(&both, &delivery().signed()), Ok(()));
    }

    #[test]
    fn accepts_an_ed25519_signature() {
        use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
        let pair = Ed25519KeyPair::generate().unwrap();
        let signature = pair.sign(b"msg_1.1700000000.{}");
        let delivery = Example::new("{}", 1_700_000_000)
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", "1700000000")
            .header(
                "webhook-signature",
                &format!("v1a,{}", STANDARD.encode(signature)),
            );
        let public = format!("whpk_{}", STANDARD.encode(pair.public_key()));

        assert_eq!(verify(&secrets(&[&public]), &delivery.signed()), Ok(()));
        assert_eq!(
            verify(&secrets(&[&public]), &delivery.body("[]").signed()),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn a_symmetric_signature_under_the_name_of_the_asymmetric_one_does_not_count() {
        let renamed = SIGNATURE.replace("v1,", "v1a,");

        assert_eq!(
            check(&delivery().header("webhook-signature", &renamed)),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_a_changed_body_or_id() {
        assert_eq!(
            check(&delivery().body(r#"{"test": 1}"#)),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(&delivery().header("webhook-id", "msg_other")),
            Err(Refusal::Mismatch)
        );
    }

    #[test]
    fn refuses_more_than_five_minutes_in_either_direction() {
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
    fn refuses_missing_headers() {
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            assert_eq!(
                check(&delivery().without(name)),
                Err(Refusal::Missing(name.into()))
            );
        }
    }

    #[test]
    fn says_that_a_secret_is_unusable() {
        let refused = verify(&secrets(&["whsec_###"]), &delivery().signed());

        assert_eq!(refused, Err(Refusal::UnusableSecret("`whsec_` and base64")));
    }
}
