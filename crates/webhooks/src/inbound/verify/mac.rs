//! Message authentication codes and their comparison in constant time.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine, engine::general_purpose::STANDARD};
use jackfield_connected_apps::Secret;

use super::Refusal;

/// The code over the concatenation of `parts`.
pub(super) fn of(algorithm: hmac::Algorithm, key: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
    for part in parts {
        context.update(part);
    }
    context.sign()
}

/// True when both are the same, in a time that depends on their lengths only.
pub(super) fn equal(left: &[u8], right: &[u8]) -> bool {
    verify_slices_are_equal(left, right).is_ok()
}

/// Accepts when one of `signatures` is the HMAC-SHA256 of `parts` with one of the secrets taken as text.
pub(super) fn check_sha256(
    secrets: &[Secret],
    parts: &[&[u8]],
    signatures: &[Vec<u8>],
) -> Result<(), Refusal> {
    check(hmac::HMAC_SHA256, secrets, parts, signatures)
}

/// The same for any algorithm.
pub(super) fn check(
    algorithm: hmac::Algorithm,
    secrets: &[Secret],
    parts: &[&[u8]],
    signatures: &[Vec<u8>],
) -> Result<(), Refusal> {
    let fits = secrets.iter().any(|secret| {
        let expected = of(algorithm, secret.expose().as_bytes(), parts);
        signatures
            .iter()
            .any(|signature| equal(expected.as_ref(), signature))
    });
    if fits { Ok(()) } else { Err(Refusal::Mismatch) }
}

/// The bytes of a hexadecimal signature from the header `name`.
pub(super) fn from_hex(text: &str, name: &str) -> Result<Vec<u8>, Refusal> {
    hex::decode(text).map_err(|_| Refusal::Malformed(name.to_owned()))
}

/// The bytes of a base64 signature from the header `name`.
pub(super) fn from_base64(text: &str, name: &str) -> Result<Vec<u8>, Refusal> {
    STANDARD
        .decode(text)
        .map_err(|_| Refusal::Malformed(name.to_owned()))
}
