use std::{fmt, str::FromStr};

/// An e-mail address as people tell users apart by it: without spaces around it, and in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

/// A text that cannot be an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address has the form name@example.com, and at most 254 characters")]
pub struct InvalidEmail;

/// The longest address that mail servers take (RFC 5321 §4.5.3.1.3, without the angle brackets).
const LONGEST: usize = 254;

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    /// Whether mail arrives there only shows when some is sent, so no more than the form is looked at.
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (name, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let sound = !name.is_empty()
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && text.len() <= LONGEST
            && !text
                .chars()
                .any(|letter| letter.is_whitespace() || letter.is_control());
        sound.then_some(Self(text)).ok_or(InvalidEmail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let written: Email = " Ada@Example.COM ".parse().unwrap();
        assert_eq!(written.as_str(), "ada@example.com");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "a@.com",
            "a@b\0",
            &long,
        ] {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail), "{text}");
        }
    }
}
