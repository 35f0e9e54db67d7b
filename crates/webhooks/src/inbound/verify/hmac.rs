//! An HMAC of the body in a header that the hook's configuration describes: its name, a prefix, and the encoding. With
//! `timestampHeader` the Unix time in that header is signed in front of the body, and may not be far from now.

use aws_lc_rs::hmac;
use jackfield_connected_apps::Secret;
use jackfield_storage::inbound_hook::{Encoding, HookConfig};

use super::{Refusal, Signed, header, mac, tolerance};

/// Where the signature is looked for when the configuration names no header: the first of these that is there.
const USUAL_HEADERS: [&str; 3] = ["x-signature", "x-signature-256", "x-hub-signature-256"];

pub(super) fn verify(
    algorithm: hmac::Algorithm,
    config: &HookConfig,
    secrets: &[Secret],
    request: &Signed<'_>,
) -> Result<(), Refusal> {
    let usual = || {
        USUAL_HEADERS
            .into_iter()
            .find(|name| request.headers.contains_key(*name))
    };
    let name = config
        .header
        .as_deref()
        .or_else(usual)
        .unwrap_or(USUAL_HEADERS[0]);
    let text = header::text(request.headers, name)?;
    let digits = match &config.prefix {
        Some(prefix) => text
            .strip_prefix(prefix.as_str())
            .ok_or_else(|| Refusal::Malformed(name.to_owned()))?,
        None => ["sha1=", "sha256=", "sha512="]
            .into_iter()
            .find_map(|usual| text.strip_prefix(usual))
            .unwrap_or(text),
    };
    let signature = match config.encoding.unwrap_or_default() {
        Encoding::Hex => mac::from_hex(digits, name)?,
        Encoding::Base64 => mac::from_base64(digits, name)?,
    };
    let Some(time_header) = &config.timestamp_header else {
        return mac::check(algorithm, secrets, &[request.body], &[signature]);
    };
    let time = header::text(request.headers, time_header)?;
    let separator = config.separator.as_deref().unwrap_or(".");
    let parts = [time.as_bytes(), separator.as_bytes(), request.body];
    mac::check(algorithm, secrets, &parts, &[signature])?;
    let signed_at = time
        .parse()
        .map_err(|_| Refusal::Malformed(time_header.clone()))?;
    tolerance::check(request, tolerance::seconds(signed_at))
}

#[cfg(test)]
mod tests {
    use jackfield_storage::inbound_hook::Scheme;

    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    const HEX: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    fn config() -> HookConfig {
        HookConfig {
            scheme: Scheme::HmacSha256,
            ..HookConfig::default()
        }
    }

    fn check(config: &HookConfig, example: &Example) -> Result<(), Refusal> {
        verify(
            hmac::HMAC_SHA256,
            config,
            &secrets(&["Jefe"]),
            &example.signed(),
        )
    }

    /// RFC 4231, section 4.3.
    fn delivery() -> Example {
        Example::new("what do ya want for nothing?", 0)
    }

    #[test]
    fn finds_the_usual_headers_with_and_without_the_usual_prefix() {
        assert_eq!(
            check(&config(), &delivery().header("x-signature", HEX)),
            Ok(())
        );
        assert_eq!(
            check(
                &config(),
                &delivery().header("x-signature-256", &format!("sha256={HEX}"))
            ),
            Ok(())
        );
    }

    #[test]
    fn takes_header_prefix_and_encoding_from_the_configuration() {
        let config = HookConfig {
            header: Some("X-Acme-Proof".into()),
            prefix: Some("hmac ".into()),
            encoding: Some(Encoding::Base64),
            ..config()
        };
        let signed = delivery().header(
            "x-acme-proof",
            "hmac W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
        );

        assert_eq!(check(&config, &signed), Ok(()));
        assert_eq!(
            check(&config, &delivery().header("x-acme-proof", "W9zB")),
            Err(Refusal::Malformed("X-Acme-Proof".into()))
        );
    }

    #[test]
    fn refuses_a_changed_body_and_a_missing_header() {
        let changed = delivery().header("x-signature", HEX).body("changed");

        assert_eq!(check(&config(), &changed), Err(Refusal::Mismatch));
        assert_eq!(
            check(&config(), &delivery()),
            Err(Refusal::Missing("x-signature".into()))
        );
    }

    #[test]
    fn other_digests_are_those_of_rfc_2202_and_4231() {
        let check = |algorithm, signature| {
            let signed = delivery().header("x-signature", signature);
            verify(algorithm, &config(), &secrets(&["Jefe"]), &signed.signed())
        };
        let sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";

        assert_eq!(check(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, sha1), Ok(()));
        assert_eq!(check(hmac::HMAC_SHA512, sha512), Ok(()));
        assert_eq!(check(hmac::HMAC_SHA512, sha1), Err(Refusal::Mismatch));
    }

    #[test]
    fn a_signed_time_may_not_be_old_nor_changed() {
        let config = HookConfig {
            timestamp_header: Some("X-Acme-Time".into()),
            separator: Some(":".into()),
            ..config()
        };
        let parts: [&[u8]; 3] = [b"1700000000", b":", b"{}"];
        let signature = hex::encode(mac::of(hmac::HMAC_SHA256, b"Jefe", &parts));
        let signed = Example::new("{}", 1_700_000_000)
            .header("x-acme-time", "1700000000")
            .header("x-signature", &signature);

        assert_eq!(check(&config, &signed), Ok(()));
        assert_eq!(
            check(&config, &signed.clone().later(301)),
            Err(Refusal::Stale { seconds: 301 })
        );
        assert_eq!(
            check(&config, &signed.clone().header("x-acme-time", "1700000001")),
            Err(Refusal::Mismatch)
        );
        assert_eq!(
            check(&config, &signed.without("x-acme-time")),
            Err(Refusal::Missing("X-Acme-Time".into()))
        );
    }
}
