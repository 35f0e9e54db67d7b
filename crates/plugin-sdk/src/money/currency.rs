use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// A currency by its code of three letters (ISO 4217), in whatever case it is written in a config. Serialized in capitals.
///
/// ```
/// # use jackfield_plugin_sdk::Currency;
/// let dinar: Currency = serde_json::from_str("\"kwd\"").unwrap();
/// assert_eq!((dinar.code(), dinar.decimals()), ("KWD", 3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Currency(String);

/// The currencies whose smallest unit is not a hundredth, by how many decimals they have (ISO 4217).
const OTHER: [(u32, &str); 3] = [
    (
        0,
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

impl Currency {
    /// The currency with this code; none where it is no code of three letters. Whether there is such a currency is for the
    /// provider to say.
    pub fn new(code: &str) -> Option<Self> {
        let code = code.trim().to_ascii_uppercase();
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        is_code.then_some(Self(code))
    }

    /// In capitals.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// How many decimals it has: 2 for most, 0 for yen, 3 for dinars. A provider may count otherwise.
    pub fn decimals(&self) -> u32 {
        let has = |(_, codes): &&(u32, &str)| codes.split(' ').any(|code| code == self.0);
        OTHER.iter().find(has).map_or(2, |(decimals, _)| *decimals)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        let expected = "a currency code of three letters, such as EUR";
        Self::new(&code)
            .ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&code), &expected))
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Za-z]{3}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_those_of_the_standard() {
        for (code, decimals) in [("eur", 2), ("JPY", 0), (" kwd ", 3), ("CLF", 4)] {
            let currency = Currency::new(code).unwrap();
            assert_eq!(currency.decimals(), decimals, "{code}");
        }
        for wrong in ["", "EU", "EURO", "E1R", "€"] {
            assert_eq!(Currency::new(wrong), None, "{wrong}");
        }
    }
}
