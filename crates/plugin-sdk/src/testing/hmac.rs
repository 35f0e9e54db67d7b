//! Signatures of webhooks, HMAC (RFC 2104), as the host checks them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use jackfield_plugin_abi::messages::{HmacAlgorithm, SignatureEncoding};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::SignatureAsked;

/// Whether the signature is right under this key.
pub(super) fn is_valid(asked: &SignatureAsked, key: &[u8]) -> bool {
    let right = sign(asked.algorithm, key, &asked.message, asked.encoding);
    match asked.encoding {
        SignatureEncoding::Hex => asked.signature.eq_ignore_ascii_case(&right),
        SignatureEncoding::Base64 => asked.signature == right,
    }
}

/// The signature of `message`, as a provider would write it: for tests of webhooks.
pub fn sign(
    algorithm: HmacAlgorithm,
    key: &[u8],
    message: &[u8],
    encoding: SignatureEncoding,
) -> String {
    let mac = match algorithm {
        HmacAlgorithm::Sha1 => code::<Sha1>(key, message),
        HmacAlgorithm::Sha256 => code::<Sha256>(key, message),
        HmacAlgorithm::Sha512 => code::<Sha512>(key, message),
    };
    match encoding {
        SignatureEncoding::Hex => mac.iter().map(|byte| format!("{byte:02x}")).collect(),
        SignatureEncoding::Base64 => STANDARD.encode(mac),
    }
}

fn code<H: EagerHash>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mac: Hmac<H> = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 and RFC 4231, test case 2, and a key longer than a block.
    #[test]
    fn signatures_are_those_of_the_standards() {
        let (key, message) = (b"Jefe", b"what do ya want for nothing?");
        let hex = |algorithm| sign(algorithm, key, message, SignatureEncoding::Hex);
        assert_eq!(
            hex(HmacAlgorithm::Sha1),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        assert_eq!(
            hex(HmacAlgorithm::Sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(HmacAlgorithm::Sha512),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            sign(
                HmacAlgorithm::Sha256,
                &[0xaa; 131],
                message,
                SignatureEncoding::Hex
            ),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// Made with Twilio's library.
    #[test]
    fn base64_is_padded() {
        let message = b"https://example.com/hook?a=bBodyhiFrom+1666To+1555";
        assert_eq!(
            sign(
                HmacAlgorithm::Sha1,
                b"12345",
                message,
                SignatureEncoding::Base64
            ),
            "eWgtMn/CRRYWVuiLQ94+EeNYQSc="
        );
    }
}
