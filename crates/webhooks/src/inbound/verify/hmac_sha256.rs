//! HMAC-SHA256 of the body in a header that the hook's configuration describes: its name, a prefix, and the encoding.

use jackfield_connected_apps::Secret;
use jackfield_storage::inbound_hook::{Encoding, HookConfig};

use super::{Refusal, Signed, header, mac};

/// Where the signature is looked for when the configuration names no header: the first of these that is there.
const USUAL_HEADERS: [&str; 3] = ["x-signature", "x-signature-256", "x-hub-signature-256"];

pub(super) fn verify(
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
        None => text.strip_prefix("sha256=").unwrap_or(text),
    };
    let signature = match config.encoding.unwrap_or_default() {
        Encoding::Hex => mac::from_hex(digits, name)?,
        Encoding::Base64 => mac::from_base64(digits, name)?,
    };
    mac::check_sha256(secrets, &[request.body], &[signature])
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
        verify(config, &secrets(&["Jefe"]), &example.signed())
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
}
