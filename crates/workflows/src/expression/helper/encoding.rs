//! Text in other clothes: base64, hexadecimal, URLs.

use base64::Engine;
use base64::engine::general_purpose::{
    STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE_NO_PAD, URL_SAFE_NO_PAD_INDIFFERENT,
};
use minijinja::{Environment, Error, State};

use super::refused;
use crate::expression::meter;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("base64_encode", |state: &mut State, text: &str| {
        meter::text(state, text.len() / 3 * 4 + 4)?;
        Ok::<_, Error>(STANDARD.encode(text))
    });
    environment.add_filter("base64_decode", |state: &mut State, text: &str| {
        decoded(state, text, "base64", |text| {
            STANDARD_PAD_INDIFFERENT.decode(text).ok()
        })
    });
    environment.add_filter("base64url_encode", |state: &mut State, text: &str| {
        meter::text(state, text.len() / 3 * 4 + 4)?;
        Ok::<_, Error>(URL_SAFE_NO_PAD.encode(text))
    });
    environment.add_filter("base64url_decode", |state: &mut State, text: &str| {
        decoded(state, text, "base64url", |text| {
            URL_SAFE_NO_PAD_INDIFFERENT.decode(text).ok()
        })
    });
    environment.add_filter("hex_encode", |state: &mut State, text: &str| {
        meter::text(state, text.len() * 2)?;
        Ok::<_, Error>(hex::encode(text))
    });
    environment.add_filter("hex_decode", |state: &mut State, text: &str| {
        decoded(state, text, "hexadecimal", |text| hex::decode(text).ok())
    });
    environment.add_filter("urldecode", urldecode);
}

/// A text is all that JSON can hold, so bytes that are none are refused.
fn decoded(
    state: &mut State,
    text: &str,
    encoding: &str,
    decode: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<String, Error> {
    meter::text(state, text.len())?;
    let bytes =
        decode(text.trim()).ok_or_else(|| refused(format!("the text is not {encoding}")))?;
    String::from_utf8(bytes)
        .map_err(|_| refused(format!("what the {encoding} holds is not text in UTF-8")))
}

fn urldecode(state: &mut State, text: &str) -> Result<String, Error> {
    meter::text(state, text.len())?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let escaped = (*first == b'%').then(|| tail.get(..2)).flatten();
        match escaped.and_then(|digits| hex::decode(digits).ok()) {
            Some(decoded) => {
                bytes.extend(decoded);
                rest = &tail[2..];
            }
            None if *first == b'+' => bytes.push(b' '),
            None => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).map_err(|_| refused("what the URL holds is not text in UTF-8"))
}
