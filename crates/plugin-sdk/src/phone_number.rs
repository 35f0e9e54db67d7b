use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A phone number in the international form, ITU-T E.164: `+`, a country code and the rest, at most 15 digits.
///
/// People may write it with blanks, hyphens, dots, slashes and parentheses between the digits; it is kept, compared and sent
/// without them. A number without a country code is refused with a sentence that says what to write, because nobody knows which
/// country was meant.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::PhoneNumber;
///
/// #[derive(Config)]
/// struct Ring {
///     /// Who is called.
///     to: PhoneNumber,
/// }
///
/// let ring: Ring = serde_json::from_value(json!({"to": "+1 (555) 123-0000"})).unwrap();
/// assert_eq!(json!(ring.to), "+15551230000");
/// let refused = serde_json::from_value::<Ring>(json!({"to": "555 0100"})).err().unwrap();
/// assert!(refused.to_string().contains("with its country code, such as +15551230000"));
/// # let schema = jackfield_plugin_sdk::schema_of::<Ring>();
/// # assert_eq!(schema["properties"]["to"]["format"], "e164");
/// # assert_eq!(schema["properties"]["to"]["title"], "To");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PhoneNumber(String);

/// A text that is no phone number. Its words say what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPhoneNumber(String);

/// What people may write: the digits of E.164 with separators between them.
const WRITTEN: &str = r"^\s*\+[ ./()-]*[1-9]([ ./()-]*[0-9]){6,14}[ ./()-]*$";

impl PhoneNumber {
    /// The number as E.164 writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = InvalidPhoneNumber;

    fn from_str(written: &str) -> Result<Self, Self::Err> {
        let is_separator = |character: char| " ./()-".contains(character);
        let digits = written.trim().strip_prefix('+').map(|rest| {
            let kept = rest.chars().filter(|character| !is_separator(*character));
            kept.collect::<String>()
        });
        let is_number = |digits: &String| {
            (7..=15).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|digit| digit.is_ascii_digit())
        };
        match digits.filter(is_number) {
            Some(digits) => Ok(Self(format!("+{digits}"))),
            None => Err(InvalidPhoneNumber(written.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(written) = self;
        write!(
            f,
            "`{written}` is no phone number in the international form: write it with its country code, such as +15551230000"
        )
    }
}

impl std::error::Error for InvalidPhoneNumber {}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        written.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for PhoneNumber {
    fn schema_name() -> Cow<'static, str> {
        "PhoneNumber".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "e164",
            "pattern": WRITTEN,
            "examples": ["+15551230000"],
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_without_what_separates_its_digits() {
        let numbers = [
            "+15550100",
            " +1 (555) 123-0000",
            "+49 30/901820",
            "+886.2.2345.6789 ",
        ];
        let read = numbers.map(|number| number.parse::<PhoneNumber>().unwrap().to_string());
        assert_eq!(
            read,
            ["+15550100", "+15551230000", "+4930901820", "+886223456789"]
        );
    }

    #[test]
    fn what_is_no_international_number_is_refused() {
        for written in [
            "",
            "+",
            "5551230000",
            "0015551230000",
            "+0155512300",
            "+123456",
            "+1234567890123456",
            "+1555123000x",
            "+1555+1230000",
            "tel:+15551230000",
            "+١٥٥٥١٢٣٠٠٠٠",
        ] {
            assert!(written.parse::<PhoneNumber>().is_err(), "{written}");
        }
    }
}
