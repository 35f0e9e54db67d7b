use jackfield_plugin_sdk::prelude::*;

use crate::api::invalid;

/// An id, which eWay counts, as a number or a text.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    /// # Errors
    /// When it is no number; `field` says which.
    pub(super) fn number(&self, field: &str) -> Result<u64> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(text) => text
                .trim()
                .parse()
                .map_err(|_| invalid(format!("{field} is no number, as eWay's ids are."))),
        }
    }
}
