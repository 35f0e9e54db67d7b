use std::str::FromStr;

/// A plugin's name: lower case letters, digits and hyphens, beginning with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginName(String);

/// The longest name.
const LONGEST: usize = 40;

impl FromStr for PluginName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            Err(format!(
                "{why}; a name such as acme-crm has lower case letters, digits and single hyphens"
            ))
        };
        match text {
            "" => wrong("it is empty"),
            _ if text.len() > LONGEST => wrong("it is longer than 40 characters"),
            _ if !text.starts_with(|first: char| first.is_ascii_lowercase()) => {
                wrong("it does not begin with a letter")
            }
            _ if text.ends_with('-') || text.contains("--") => {
                wrong("it has a hyphen with nothing behind it")
            }
            _ if !text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') =>
            {
                wrong("it has other characters")
            }
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl PluginName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What people call it: `Acme crm`.
    pub fn title(&self) -> String {
        let words = self.0.replace('-', " ");
        let (first, rest) = words.split_at(1);
        first.to_uppercase() + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_plugins_are_names() {
        let title = |text: &str| text.parse::<PluginName>().map(|name| name.title());
        assert_eq!(title("acme-crm2"), Ok("Acme crm2".to_owned()));
        for wrong in [
            "",
            "Acme",
            "9lives",
            "acme_crm",
            "acme-",
            "a--b",
            "../acme",
            "acme crm",
            &"a".repeat(41),
        ] {
            assert!(title(wrong).is_err(), "{wrong}");
        }
    }
}
