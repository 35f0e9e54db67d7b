use std::fmt;
use std::str::FromStr;

use minisign_verify::Signature;
use serde::{Deserialize, Serialize};

/// A public key in the format of minisign, with which an author's bundles are verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey {
    /// The 56 characters that people pass around.
    text: String,
    key: minisign_verify::PublicKey,
}

/// A text that is no public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no public key of minisign, which is 56 characters that begin with RW, alone or in the second line of a .pub file"
)]
pub struct BadKey;

impl PublicKey {
    /// The 56 characters that people pass around.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the signature, the text of a `.minisig` file, is that of this key over these bytes.
    pub fn verifies(&self, bytes: &[u8], signature: &str) -> bool {
        let signature = Signature::decode(signature);
        // Legacy signatures are those over the bytes and not their hash: nothing here makes them.
        signature.is_ok_and(|signature| self.key.verify(bytes, &signature, false).is_ok())
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;

    /// Takes the key alone or the text of a `.pub` file.
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let mut lines = text.trim().lines();
        let first = lines.next().unwrap_or_default();
        let line = match first.starts_with("untrusted comment:") {
            true => lines.next().unwrap_or_default(),
            false => first,
        };
        let text = line.trim();
        let key = minisign_verify::PublicKey::from_base64(text).map_err(|_| BadKey)?;
        Ok(Self {
            text: text.to_owned(),
            key,
        })
    }
}

impl TryFrom<String> for PublicKey {
    type Error = BadKey;

    fn try_from(text: String) -> Result<Self, BadKey> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.text
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // From minisign's own documentation and tests.
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1556193335\tfile:test
y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==";

    #[test]
    fn a_signature_of_minisign_is_verified() {
        let key: PublicKey = KEY.parse().unwrap();
        assert!(key.verifies(b"test", SIGNATURE));
        assert!(!key.verifies(b"Test", SIGNATURE));
        assert!(!key.verifies(b"test", &SIGNATURE.replace("file:test", "file:best")));
        assert!(!key.verifies(b"test", "junk"));
    }

    #[test]
    fn a_key_is_taken_alone_or_from_its_file() {
        let file = format!("untrusted comment: minisign public key E7620F1842B4E81F\n{KEY}\n");
        assert_eq!(file.parse::<PublicKey>().unwrap().as_str(), KEY);
        assert_eq!(
            format!(" {KEY}\n").parse::<PublicKey>().unwrap().as_str(),
            KEY
        );
        assert!("".parse::<PublicKey>().is_err());
        assert!("untrusted comment: x".parse::<PublicKey>().is_err());
        assert!(KEY[1..].parse::<PublicKey>().is_err());
    }
}
