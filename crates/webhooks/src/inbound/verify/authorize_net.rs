//! Authorize.net: `X-ANET-Signature: sha512=HEX`, HMAC-SHA512 of the body with the account's signature key. Whether the
//! key is used as its text or as the bytes that its hexadecimal digits stand for is told differently in different
//! places, so the hook's configuration decides; the text is the default.

use aws_lc_rs::hmac;
use jackfield_connected_apps::Secret;
use jackfield_storage::inbound_hook::{HookConfig, KeyEncoding};

use super::{Refusal, Signed, header, mac};

const HEADER: &str = "x-anet-signature";

pub(super) fn verify(
    config: &HookConfig,
    secrets: &[Secret],
    request: &Signed<'_>,
) -> Result<(), Refusal> {
    let text = header::text(request.headers, HEADER)?;
    let digits = match text.split_once('=') {
        Some((algorithm, digits)) if algorithm.eq_ignore_ascii_case("sha512") => digits,
        _ => return Err(Refusal::Malformed(HEADER.to_owned())),
    };
    let signature = mac::from_hex(digits, HEADER)?;

    for secret in secrets {
        let key = key(config.key_encoding.unwrap_or_default(), secret)?;
        if mac::equal(
            mac::of(hmac::HMAC_SHA512, &key, &[request.body]).as_ref(),
            &signature,
        ) {
            return Ok(());
        }
    }
    Err(Refusal::Mismatch)
}

fn key(encoding: KeyEncoding, secret: &Secret) -> Result<Vec<u8>, Refusal> {
    match encoding {
        KeyEncoding::Text => Ok(secret.expose().as_bytes().to_vec()),
        KeyEncoding::Hex => {
            hex::decode(secret.expose()).map_err(|_| Refusal::UnusableSecret("hexadecimal"))
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_storage::inbound_hook::Scheme;

    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    /// RFC 4231, section 4.3: key `Jefe`, which is 4a656665.
    fn delivery() -> Example {
        Example::new("what do ya want for nothing?", 0).header(
            HEADER,
            "sha512=164B7A7BFCF819E2E395FBE73B56E0A387BD64222E831FD610270CD7EA250554\
             9758BF75C05A994A6D034F65F8F0E6FDCAEAB1A34D4A6B4B636E070A38BCE737",
        )
    }

    fn check(
        key_encoding: Option<KeyEncoding>,
        secret: &str,
        example: &Example,
    ) -> Result<(), Refusal> {
        let config = HookConfig {
            scheme: Scheme::AuthorizeNet,
            key_encoding,
            ..HookConfig::default()
        };
        verify(&config, &secrets(&[secret]), &example.signed())
    }

    #[test]
    fn accepts_the_key_as_text_or_as_hexadecimal() {
        assert_eq!(check(None, "Jefe", &delivery()), Ok(()));
        assert_eq!(
            check(Some(KeyEncoding::Hex), "4A656665", &delivery()),
            Ok(())
        );
    }

    #[test]
    fn refuses_the_other_reading_of_the_key() {
        assert_eq!(check(None, "4A656665", &delivery()), Err(Refusal::Mismatch));
        assert_eq!(
            check(Some(KeyEncoding::Hex), "Jefe", &delivery()),
            Err(Refusal::UnusableSecret("hexadecimal"))
        );
    }

    #[test]
    fn refuses_a_changed_body_and_a_missing_header() {
        assert_eq!(
            check(None, "Jefe", &delivery().body("{}")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(None, "Jefe", &delivery().without(HEADER)),
            Err(Refusal::Missing(HEADER.into()))
        );
    }
}
