//! What a service says back of the credentials that it was reached with is masked before a plugin or the history sees it.

use std::borrow::Cow;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use bytes::{Bytes, BytesMut};
use jackfield_egress::Outgoing;
use jackfield_plugin_host::messages::SchemeManifest;
use memchr::memmem;
use parking_lot::Mutex;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::{Secret, credentials::Credentials};

/// What stands in place of a secret.
const MASK: &[u8] = b"***";

/// Secrets shorter than this, in bytes, are left alone: their text is likely to be found where nobody means them.
const SHORTEST: usize = 6;

/// The secrets that were sent, in the spellings in which they may come back.
#[derive(Default)]
pub struct Echoes(Mutex<Vec<Secret>>);

impl Echoes {
    /// Takes note of what was put on a request: the secret members of the credentials, and headers as they are sent.
    pub(crate) fn sent(&self, scheme: &SchemeManifest, credentials: &Credentials, hop: &Outgoing) {
        let members = scheme.schema.get("properties").and_then(Value::as_object);
        let secret = |schema: &Value| schema.get("writeOnly") == Some(&Value::Bool(true));
        for (name, _) in members.into_iter().flatten().filter(|(_, of)| secret(of)) {
            if let Some(secret) = credentials.field(name) {
                self.add(secret.expose());
            }
        }
        let headers = hop.headers.values().filter(|value| value.is_sensitive());
        for value in headers.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok()) {
            // `Bearer` and `Basic` are no secrets.
            self.add(value.rsplit(' ').next().unwrap_or(value));
        }
    }

    /// Takes note of one secret.
    pub fn add(&self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let in_url: String = byte_serialize(secret.as_bytes()).collect();
        let in_json = Value::from(secret).to_string();
        let in_json = in_json.trim_matches('"');
        let [in_base64, in_base64_url] =
            [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|alphabet| alphabet.encode(secret));
        let mut known = self.0.lock();
        for spelling in [secret, &in_url, in_json, &in_base64, &in_base64_url] {
            if known.iter().all(|known| known.expose() != spelling) {
                known.push(Secret::new(spelling.to_owned()));
            }
        }
        // A secret within another one must not leave the rest of the longer one standing.
        known.sort_by_key(|known| std::cmp::Reverse(known.expose().len()));
    }

    /// The bytes with every secret masked.
    pub fn masked(&self, bytes: Bytes) -> Bytes {
        let known = self.0.lock();
        known.iter().fold(bytes, |bytes, secret| {
            match replaced(&bytes, secret.expose().as_bytes()) {
                Cow::Borrowed(_) => bytes,
                Cow::Owned(masked) => masked.into(),
            }
        })
    }

    /// The text with every secret masked.
    pub fn masked_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.0.lock().is_empty() {
            return Cow::Borrowed(text);
        }
        let masked = self.masked(Bytes::copy_from_slice(text.as_bytes()));
        Cow::Owned(String::from_utf8_lossy(&masked).into_owned())
    }
}

fn replaced<'a>(bytes: &'a [u8], secret: &[u8]) -> Cow<'a, [u8]> {
    let mut found = memmem::find_iter(bytes, secret).peekable();
    if found.peek().is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut masked = BytesMut::with_capacity(bytes.len());
    let mut from = 0;
    for at in found {
        masked.extend_from_slice(&bytes[from..at]);
        masked.extend_from_slice(MASK);
        from = at + secret.len();
    }
    masked.extend_from_slice(&bytes[from..]);
    Cow::Owned(masked.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(secrets: &[&str], text: &str) -> String {
        let echoes = Echoes::default();
        for secret in secrets {
            echoes.add(secret);
        }
        String::from_utf8(echoes.masked(Bytes::from(text.to_owned())).to_vec()).unwrap()
    }

    #[test]
    fn every_spelling_is_masked() {
        let said =
            r#"{"raw": "to=k&en\"1", "url": "/?t=to%3Dk%26en%221", "base64": "dG89ayZlbiIx"}"#;
        let said = said.replace("raw", "first");
        assert_eq!(
            masked(&["to=k&en\"1"], &said),
            r#"{"first": "***", "url": "/?t=***", "base64": "***"}"#
        );
    }

    #[test]
    fn the_longer_of_two_secrets_goes_first() {
        assert_eq!(
            masked(&["secret", "secret-and-more"], "secret-and-more, secret"),
            "***, ***"
        );
    }

    #[test]
    fn short_ones_are_left_alone() {
        assert_eq!(masked(&["ada"], "Canada"), "Canada");
    }
}
