use std::env::consts::{ARCH, OS};
use std::fmt;

use serde::{Deserialize, Serialize};

/// A platform that a library is built for, as compilers name it: `x86_64-unknown-linux-gnu`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Triple(String);

impl Triple {
    /// The platform that this program is built for.
    pub fn here() -> Self {
        let libc = match cfg!(target_env = "musl") {
            true => "musl",
            false => "gnu",
        };
        Self(match OS {
            "macos" => format!("{ARCH}-apple-darwin"),
            "windows" => format!("{ARCH}-pc-windows-msvc"),
            os => format!("{ARCH}-unknown-{os}-{libc}"),
        })
    }

    /// Its spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Triple {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let letter =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
        let parts: Vec<&str> = text.split('-').collect();
        let named = |part: &&str| {
            part.starts_with(|c: char| c.is_ascii_lowercase()) && part.chars().all(letter)
        };
        match (3..=4).contains(&parts.len()) && text.len() <= 48 && parts.iter().all(named) {
            true => Ok(Self(text)),
            false => Err(format!(
                "{text:?} names no platform; one is like x86_64-unknown-linux-gnu"
            )),
        }
    }
}

impl std::str::FromStr for Triple {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.to_owned().try_into()
    }
}

impl From<Triple> for String {
    fn from(triple: Triple) -> Self {
        triple.0
    }
}

impl fmt::Display for Triple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triple_is_a_name_and_no_path() {
        assert_eq!(Triple::here().as_str().parse(), Ok(Triple::here()));
        assert!("aarch64-apple-darwin".parse::<Triple>().is_ok());
        for text in ["", "linux", "../../x-y-z", "a-b-c/d", "A-b-c", "a--b"] {
            assert!(text.parse::<Triple>().is_err(), "{text}");
        }
    }
}
