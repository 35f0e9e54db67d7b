use jackfield_plugin_sdk::Money;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;

/// What became of a charge or refund.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    /// Tap's id of it, such as `chg_TS02A5720231433Qs1w0809820`.
    id: String,
    /// `CAPTURED` or `REFUNDED`; `INITIATED`, `IN_PROGRESS`, `PENDING` or `ACCEPTED` where something is left to be done.
    status: String,
    /// How much, as people write it.
    amount: String,
    /// The currency.
    currency: String,
    /// Where the customer goes to pay, where Tap asks for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// All that Tap says.
    answer: Value,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    status: String,
    #[serde(default)]
    transaction: Value,
}

impl Outcome {
    pub(super) fn of(answer: Value, money: &Money) -> Result<Self> {
        let known: Answer = read(answer.clone())?;
        let url = known.transaction["url"].as_str();
        Ok(Self {
            id: known.id,
            status: known.status,
            amount: money.shown(),
            currency: money.currency().code().to_owned(),
            url: url.filter(|url| !url.is_empty()).map(str::to_owned),
            answer,
        })
    }
}

/// The amount as a number with decimals, which Tap takes.
pub(super) fn number(money: &Money) -> Result<Value> {
    let shown = money.shown();
    serde_json::from_str(&shown)
        .map_err(|_| crate::api::invalid(format!("{shown} is no number that can be sent.")))
}
