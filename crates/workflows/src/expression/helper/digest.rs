//! Hashes, as hexadecimal or base64 text. None of them has a key: a secret never comes into an expression.

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, Error, State};

use super::refused;
use crate::expression::meter;

pub(super) fn register(environment: &mut Environment<'_>) {
    for (name, algorithm) in [
        ("sha1", &SHA1_FOR_LEGACY_USE_ONLY),
        ("sha256", &SHA256),
        ("sha384", &SHA384),
        ("sha512", &SHA512),
    ] {
        environment.add_filter(
            name,
            move |state: &mut State, text: &str, encoding: Option<&str>| {
                hashed(state, algorithm, text, encoding)
            },
        );
    }
}

fn hashed(
    state: &mut State,
    algorithm: &'static Algorithm,
    text: &str,
    encoding: Option<&str>,
) -> Result<String, Error> {
    meter::work(state, text.len() / 64)?;
    let hash = digest(algorithm, text.as_bytes());
    match encoding.unwrap_or("hex") {
        "hex" => Ok(hex::encode(hash)),
        "base64" => Ok(STANDARD.encode(hash)),
        other => Err(refused(format!(
            "there is no encoding `{other}`; there are hex and base64"
        ))),
    }
}
