use jackfield_plugin_sdk::Money;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;

/// What was paid.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    /// eWay's id of the transaction.
    id: String,
    /// How much, as people write it.
    amount: String,
    /// The currency.
    currency: String,
    /// The bank's code of the approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_code: Option<String>,
    /// All that eWay says.
    answer: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(rename = "TransactionID")]
    transaction_id: Value,
    authorisation_code: Option<String>,
}

impl Outcome {
    pub(super) fn of(answer: Value, money: &Money) -> Result<Self> {
        let known: Answer = read(answer.clone())?;
        let id = match known.transaction_id {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(Self {
            id,
            amount: money.shown(),
            currency: money.currency().code().to_owned(),
            auth_code: known.authorisation_code.filter(|code| !code.is_empty()),
            answer,
        })
    }
}
