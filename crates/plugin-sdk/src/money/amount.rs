use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Number, Value};

/// An amount of money as it is written in a config: a number or a text such as `"12.50"`, never negative. It is kept digit by
/// digit, so that nothing is lost to binary fractions.
///
/// ```
/// # use jackfield_plugin_sdk::Amount;
/// let amount: Amount = serde_json::from_str("12.5").unwrap();
/// assert_eq!(amount.units(2), Some(1250));
/// assert_eq!(amount.units(0), None);
/// assert_eq!(Amount::of_units(1250, 2).to_string(), "12.50");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    digits: u64,
    /// How many of the digits come after the point.
    places: u32,
}

/// So many digits fit.
const MAX_DIGITS: usize = 18;

impl Amount {
    /// So many smallest units of a currency with so many decimals.
    pub fn of_units(units: u64, decimals: u32) -> Self {
        Self {
            digits: units,
            places: decimals,
        }
    }

    /// How many smallest units of a currency with so many decimals it is; none where it has more decimals than the currency,
    /// or is too large.
    pub fn units(&self, decimals: u32) -> Option<u64> {
        match decimals.checked_sub(self.places) {
            Some(more) => self.digits.checked_mul(10_u64.checked_pow(more)?),
            None => {
                let divisor = 10_u64.checked_pow(self.places - decimals)?;
                self.digits
                    .is_multiple_of(divisor)
                    .then_some(self.digits / divisor)
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (text, ""),
        };
        let is_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (
            whole.trim_start_matches('0'),
            fraction.trim_end_matches('0'),
        );
        if whole.len() + fraction.len() > MAX_DIGITS {
            return None;
        }
        Some(Self {
            digits: format!("0{whole}{fraction}").parse().ok()?,
            places: u32::try_from(fraction.len()).ok()?,
        })
    }

    /// A number with a fraction is what is written: 0.1 is a tenth.
    fn of_number(number: &Number) -> Option<Self> {
        match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => Self::parse(&whole.to_string()),
            (None, Some(fraction)) => Self::parse(&fraction.to_string()),
            (None, None) => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (places, mut digits) = (self.places as usize, self.digits.to_string());
        if places == 0 {
            return formatter.write_str(&digits);
        }
        digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        write!(formatter, "{whole}.{fraction}")
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let amount = match &value {
            Value::Number(number) => Self::of_number(number),
            Value::String(text) => Self::parse(text.trim()),
            _ => None,
        };
        amount.ok_or_else(|| {
            let shown: String = value.to_string().chars().take(40).collect();
            de::Error::custom(format_args!(
                "{shown} is no amount; write it like 12.50, with at most {MAX_DIGITS} digits"
            ))
        })
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["number", "string"], "minimum": 0, "pattern": "^\\s*[0-9]+(\\.[0-9]+)?\\s*$"})
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn amount(value: Value) -> Result<Amount, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_are_what_is_written() {
        for (value, decimals, units) in [
            (json!(1250), 0, Some(1250)),
            (json!(12), 2, Some(1200)),
            (json!(0.1), 2, Some(10)),
            (json!(19.99), 2, Some(1999)),
            (json!("12.50"), 2, Some(1250)),
            (json!("1.250"), 2, Some(125)),
            (json!("1.255"), 2, None),
            (json!("0"), 2, Some(0)),
            (json!("999999999999999999"), 3, None),
        ] {
            assert_eq!(
                amount(value.clone()).unwrap().units(decimals),
                units,
                "{value}"
            );
        }
        for wrong in [
            json!(-1),
            json!("-1"),
            json!(""),
            json!("1,5"),
            json!("1."),
            json!(".5"),
            json!(1e300),
            json!(null),
        ] {
            assert!(amount(wrong.clone()).is_err(), "{wrong}");
        }
        assert_eq!(
            amount(json!("1e3")).unwrap_err(),
            "\"1e3\" is no amount; write it like 12.50, with at most 18 digits"
        );
    }

    #[test]
    fn units_are_shown_with_their_decimals() {
        for (units, decimals, shown) in [
            (1250, 2, "12.50"),
            (5, 3, "0.005"),
            (500, 0, "500"),
            (0, 2, "0.00"),
        ] {
            assert_eq!(Amount::of_units(units, decimals).to_string(), shown);
        }
    }
}
