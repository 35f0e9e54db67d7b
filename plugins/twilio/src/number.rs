//! Who is written to and called, and what from.

use std::borrow::Cow;

use jackfield_plugin_sdk::PhoneNumber;
use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;
use serde::de::Error as _;

use crate::api::invalid;

/// What stands in front of an address that is no telephone line. What follows the first two is a phone number.
const CHANNELS: [&str; 5] = ["whatsapp:", "rcs:", "messenger:", "sip:", "client:"];
/// How many of them are followed by a phone number.
const NUMBERED: usize = 2;

/// Somebody who can be reached: a phone number in the international form, or an address of another channel such as
/// `whatsapp:+15551230000`. <https://www.twilio.com/docs/messaging/channels>
#[derive(Serialize)]
pub(crate) struct Address(String);

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        let channel = CHANNELS
            .iter()
            .position(|channel| written.starts_with(channel));
        let Some(channel) = channel else {
            let number: PhoneNumber = written.parse().map_err(D::Error::custom)?;
            return Ok(Self(number.to_string()));
        };
        let (prefix, rest) = written.split_at(CHANNELS[channel].len());
        if channel >= NUMBERED {
            return Ok(Self(written));
        }
        let number: PhoneNumber = rest.parse().map_err(D::Error::custom)?;
        Ok(Self(format!("{prefix}{number}")))
    }
}

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^\s*((whatsapp|rcs):)?\s*\+[ ./()-]*[1-9]([ ./()-]*[0-9]){6,14}[ ./()-]*$|^(messenger|sip|client):.",
            "examples": ["+15551230000"],
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// What is sent from: a phone number without its separators; anything else is a short code, a name or an address, which Twilio
/// knows.
pub(crate) fn sender(written: &str) -> Result<String> {
    let written = written.trim();
    match written.starts_with('+') {
        true => number(written, "from"),
        false => Ok(written.to_owned()),
    }
}

/// A phone number without its separators.
pub(crate) fn number(written: &str, member: &str) -> Result<String> {
    let number: Result<PhoneNumber, _> = written.parse();
    let number = number.map_err(|error| invalid(format!("{member}: {error}.")))?;
    Ok(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(written: &str) -> Result<String, String> {
        let read: Result<Address, _> = serde_json::from_value(json!(written));
        read.map(|Address(address)| address)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_lose_their_separators_in_every_channel() {
        assert_eq!(address("+1 (555) 123-0000").unwrap(), "+15551230000");
        assert_eq!(
            address("whatsapp:+1 555 123-0000").unwrap(),
            "whatsapp:+15551230000"
        );
        assert_eq!(address("client:ada").unwrap(), "client:ada");
        for wrong in ["555 0100", "whatsapp:ada", "ada"] {
            assert!(
                address(wrong)
                    .unwrap_err()
                    .contains("with its country code"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_sender_may_be_a_name() {
        assert_eq!(sender("+1 555 0100").unwrap(), "+15550100");
        assert_eq!(sender("Jackfield").unwrap(), "Jackfield");
        assert_eq!(sender("whatsapp:+15550100").unwrap(), "whatsapp:+15550100");
        assert!(sender("+1 555 call").is_err());
    }
}
