use super::{BundleError, limits};

/// A name of an entry that stays inside the folder that it is unpacked to: letters, digits and `. _ + -` between slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EntryName(String);

impl EntryName {
    pub(super) fn parse(text: &str) -> Result<Self, BundleError> {
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
        let part =
            |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(letter);
        let problem = if text.len() > limits::NAME {
            "has too long a name"
        } else if text.starts_with('/') {
            "has an absolute path"
        } else if text.split('/').any(|part| part == "..") {
            "leads out of the bundle"
        } else if !text.split('/').all(part) {
            "has a name that is not allowed: letters, digits and . _ + - between slashes are"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(BundleError::Entry {
            name: text.chars().take(limits::NAME).collect(),
            problem,
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside() {
        for good in [
            "plugin.json",
            "lib/x86_64-unknown-linux-gnu/libacme.so",
            "LICENSE-MIT",
            "a+b.txt",
        ] {
            assert!(EntryName::parse(good).is_ok(), "{good}");
        }
        let problem = |name: &str| EntryName::parse(name).unwrap_err().to_string();
        insta::assert_snapshot!(problem("/etc/passwd"), @r#"its entry "/etc/passwd" has an absolute path"#);
        insta::assert_snapshot!(problem("../x"), @r#"its entry "../x" leads out of the bundle"#);
        insta::assert_snapshot!(problem("lib/../../x"), @r#"its entry "lib/../../x" leads out of the bundle"#);
        for bad in [
            "",
            ".",
            "./x",
            "a//b",
            "a/",
            "a\\b",
            "a\0b",
            ".hidden",
            "C:x",
            "ä",
            &"x".repeat(101),
        ] {
            assert!(EntryName::parse(bad).is_err(), "{bad}");
        }
    }
}
