//! Values that must never be shown.

use serde::Deserialize;
use zeroize::Zeroizing;

/// A secret text. It has neither `Debug` nor `Display` nor `Serialize`, so that it cannot reach a log, an error or an
/// answer by accident; its memory is zeroed when it is dropped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over. Copies of it that exist elsewhere are the caller's to forget.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that sends or checks it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be shown of it: the last four characters, and nothing of a secret shorter than twelve. Of a private key as PEM
    /// (RFC 7468) those before its last line, which is the same for all.
    pub fn masked(&self) -> String {
        let text = self
            .0
            .rsplit_once("-----END")
            .map_or(self.0.as_str(), |(key, _)| key);
        let text = text.trim_end().trim_end_matches("\\n");
        let length = text.chars().count();
        if length < 12 {
            return "••••".to_owned();
        }
        let end: String = text.chars().skip(length - 4).collect();
        format!("••••{end}")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_private_key_the_key_is_shown() {
        let pem =
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHab\n-----END PRIVATE KEY-----\n";
        assert_eq!(Secret::new(pem.into()).masked(), "••••IHab");
        let escaped = pem.replace('\n', "\\n");
        assert_eq!(Secret::new(escaped).masked(), "••••IHab");
    }

    #[test]
    fn shows_the_last_four_characters_of_a_long_secret() {
        assert_eq!(Secret::new("sk_test_51Habcd".into()).masked(), "••••abcd");
    }

    #[test]
    fn shows_nothing_of_a_short_secret() {
        assert_eq!(Secret::new("hunter2".into()).masked(), "••••");
    }
}
