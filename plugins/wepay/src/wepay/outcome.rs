use jackfield_plugin_sdk::Money;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;

/// What became of a payment or refund.
#[derive(Serialize, JsonSchema)]
pub(super) struct Outcome {
    /// WePay's id of it.
    id: String,
    /// `completed`, or `pending` while WePay or the bank takes its time.
    status: String,
    /// How much, as people write it; absent for a refund of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    /// The currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// All that WePay says.
    answer: Value,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    status: String,
}

impl Outcome {
    pub(super) fn of(answer: Value, money: Option<&Money>) -> Result<Self> {
        let known: Answer = read(answer.clone())?;
        Ok(Self {
            id: known.id,
            status: known.status,
            amount: money.map(Money::shown),
            currency: money.map(|money| money.currency().code().to_owned()),
            answer,
        })
    }
}
